/// The real server: a process, our ends of its pipes, and what watches over it.
struct Server: ~Copyable {
  let id: Int32
  let input: Descriptor
  let output: Descriptor
  let error: Descriptor
  let lifeline: Lifeline.Handle

  /// Starts `command`; of the pipes it gets its own ends only.
  static func start(_ command: [NativeText]) throws(Session.StartFailure) -> Server {
    let input = try resource { () throws(Errno) in try Pipe() }
    let output = try resource { () throws(Errno) in try Pipe() }
    let error = try resource { () throws(Errno) in try Pipe() }
    let held = input.writeEnd.number
    let lifeline = try resource { () throws(Errno) in try Lifeline.Handle(holding: held) }
    let wiring = ChildProcess.Wiring(
      input: input.readEnd.number, output: output.writeEnd.number, error: error.writeEnd.number)
    do throws(Errno) {
      let id = try CommandSearch.start(command, wiring: wiring)
      // Nobody buries it before we wait for its end, so it can be identified even if it has ended already.
      if let identity = ProcessIdentity(id: id) { lifeline.watch(over: identity) }
      return Server(
        id: id, input: input.writeEnd, output: output.readEnd, error: error.readEnd, lifeline: lifeline)
    } catch let failure {
      lifeline.end()
      throw .command(failure)
    }
  }

  /// Makes what a session needs of the system, which only a system in trouble refuses.
  static func resource<Resource: ~Copyable>(
    _ make: () throws(Errno) -> Resource
  ) throws(Session.StartFailure) -> Resource {
    do throws(Errno) { return try make() } catch { throw .resources(error) }
  }
}
