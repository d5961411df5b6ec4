/// Error codes of the guard's own answers, outside the range that JSON-RPC reserves.
package enum ReplyCode: Int, Sendable {
  case malformed = 40304
  case serverGone = 40306
}

/// Lines that the guard itself writes.
package enum Reply {
  /// The answer to a request that no server will answer, as one line.
  package static func serverGone(_ id: MessageID, _ reason: String) -> Bytes {
    lines(of: [serverGoneObject(id, reason)])
  }

  /// The answer to a request that no server will answer.
  package static func serverGoneObject(_ id: MessageID, _ reason: String) -> Bytes {
    errorObject(to: id, .serverGone, "mcp-guard: \(reason)", reason: Flaw.serverGone.name, offset: nil)
  }

  /// The refusal of a message with a fault, as one line.
  package static func refusal(of id: MessageID, for fault: Fault) -> Bytes {
    lines(of: [refusalObject(of: id, for: fault)])
  }

  /// The refusal of a message with a fault; it never repeats anything of the message but its id.
  package static func refusalObject(of id: MessageID?, for fault: Fault) -> Bytes {
    errorObject(
      to: id, .malformed, "refused by mcp-guard: \(fault.flaw.explanation) (\(fault.flaw.name))",
      reason: fault.flaw.name, offset: fault.offset)
  }

  /// A line for each of `messages`.
  package static func lines(of messages: [Bytes]) -> Bytes {
    var lines = Bytes()
    for message in messages {
      lines.append(contentsOf: message)
      lines.append(UInt8(ascii: "\n"))
    }
    return lines
  }

  /// One line that holds all of `members`.
  package static func batch(of members: [Bytes]) -> Bytes {
    var line = Bytes("[".utf8)
    for (index, member) in members.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line.append(contentsOf: member)
    }
    line.append(contentsOf: "]\n".utf8)
    return line
  }

  private static func errorObject(
    to id: MessageID?, _ code: ReplyCode, _ text: String, reason: String, offset: Int?
  ) -> Bytes {
    var object = Bytes("{\"jsonrpc\":\"2.0\",\"id\":".utf8)
    if let id { id.encode(to: &object) } else { object.append(contentsOf: "null".utf8) }
    object.append(contentsOf: ",\"error\":{\"code\":\(code.rawValue),\"message\":".utf8)
    JSONString.encode(Bytes(text.utf8), to: &object)
    object.append(contentsOf: ",\"data\":{\"io.mcp-guard/decision\":{\"decision\":\"deny\",\"reason\":".utf8)
    JSONString.encode(Bytes(reason.utf8), to: &object)
    if let offset { object.append(contentsOf: ",\"offset\":\(offset)".utf8) }
    object.append(contentsOf: "}}}}".utf8)
    return object
  }
}
