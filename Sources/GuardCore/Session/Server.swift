/// The real server: a process, and our ends of its pipes.
struct Server: ~Copyable {
  let id: Int32
  let input: Descriptor
  let output: Descriptor
  let error: Descriptor

  /// Starts `command`; of the pipes it gets its own ends only.
  static func start(_ command: [String]) throws(Session.StartFailure) -> Server {
    let input = try pipe()
    let output = try pipe()
    let error = try pipe()
    let wiring = ChildProcess.Wiring(
      input: input.readEnd.number, output: output.writeEnd.number, error: error.writeEnd.number)
    do throws(Errno) {
      let id = try CommandSearch.start(command, wiring: wiring)
      return Server(id: id, input: input.writeEnd, output: output.readEnd, error: error.readEnd)
    } catch let failure {
      throw .command(failure)
    }
  }

  private static func pipe() throws(Session.StartFailure) -> Pipe {
    do throws(Errno) { return try Pipe() } catch { throw .resources(error) }
  }
}
