/// The threads of a session, one for each direction and one for stderr, and what they have in common.
struct Threads: Sendable {
  let mailbox: Mailbox
  let conversation = Conversation()
  let diagnostics: Diagnostics
  let toClient = Lane(to: Session.clientOutput) { SystemCalls.replaceWithNull($0) }
  private let clientInterruption = Interruption()
  private let serverInterruption = Interruption()
  private let lineLimit: Int

  init(_ options: Session.Options) throws(Errno) {
    mailbox = try Mailbox()
    diagnostics = try Diagnostics(server: options.name)
    lineLimit = options.lineLimit
  }

  /// Starts to move lines between the client and `server`.
  func start(serving server: consuming Server) throws(Session.StartFailure) {
    let lifeline = server.lifeline
    let output = server.output.release()
    let toServer = Lane(to: server.input.release()) { descriptor in
      SystemCalls.close(descriptor)
      lifeline.releaseInput()
    }
    do throws(Errno) {
      try diagnostics.start(reading: server.error)
      try Thread.detach {
        serverInterruption.whileInterruptible {
          pump(.fromServer, from: output, onward: toClient, back: toServer)
        }
        SystemCalls.close(output)
        mailbox.post(.serverOutputEnded)
      }
      try Thread.detach {
        clientInterruption.whileInterruptible {
          pump(.fromClient, from: Session.clientInput, onward: toServer, back: toClient)
        }
        toServer.close()
        mailbox.post(.clientEnded)
      }
    } catch {
      throw .resources(error)
    }
  }

  /// Takes the server's output as far as it is there, and waits for no more; the client may take its time with it.
  func endOutput() {
    conversation.endOutput()
    serverInterruption.interrupt()
  }

  /// Answers what the client waits for, since the server is gone, and what it has asked meanwhile.
  func windDown(because reason: String) {
    let answers = conversation.giveUp(because: reason)
    if !answers.isEmpty { toClient.post(answers, whenFull: .keep) }
    clientInterruption.interrupt()
  }

  private func pump(_ direction: Direction, from source: Int32, onward: Lane, back: Lane) {
    do throws(Errno) {
      var pump = try Pump(
        direction, from: source, onward: onward, back: back, conversation: conversation, diagnostics: diagnostics,
        lineLimit: lineLimit, whenServerReadsNoMore: { mailbox.post(.serverInputBroken) })
      try pump.run()
    } catch {
      diagnostics.note("there is no memory for lines: \(error.text)")
    }
  }
}
