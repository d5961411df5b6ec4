/// A JSON-RPC message, as far as it can be judged without the messages before it.
package struct Message: Sendable {
  package enum Kind: Equatable, Sendable {
    case request(MessageID)
    case notification
    case result(MessageID)
    /// An error; one without an id answers a message whose id could not be read.
    case error(MessageID?)
  }

  package let kind: Kind
  /// The method, if it is one of the protocol's; nil for an answer.
  package let method: ProtocolMethod?
  /// The place of `params`, if there are any.
  package let params: Int?
  /// The place of `result`, if there is one.
  package let result: Int?
}

/// Who wrote a line.
package enum Direction: Sendable {
  case fromClient, fromServer
}

/// Tells what kind of message an object is, or why it is none.
struct MessageReader {
  private var key = Bytes()

  /// Reads the message at `place`; the text has been scanned.
  mutating func read(
    _ place: Int, with scanner: inout JSONScanner, of text: Span<UInt8>, _ direction: Direction
  ) throws(Fault) -> Message {
    guard scanner.tape[place].kind == .object else { throw Fault(.notAnObject, at: scanner.tape[place].offset) }
    let members = try members(of: place, scanner.tape, text)
    if members.hasUnusual { try refuseCollisions(in: place, with: &scanner, of: text) }
    let message = try message(members, at: place, scanner.tape, text)
    if let params = message.params {
      try checkKeys(of: params, in: message.method, with: &scanner, of: text, direction)
    }
    return message
  }

  private struct Members {
    var version: Int?
    var id: Int?
    var method: Int?
    var params: Int?
    var result: Int?
    var error: Int?
    /// Whether there is a key that isn't, to the letter, one of these.
    var hasUnusual = false
  }

  private mutating func members(
    of object: Int, _ tape: borrowing JSONTape, _ text: Span<UInt8>
  ) throws(Fault) -> Members {
    var members = Members()
    var place = object + 1
    let end = tape.end(of: object)
    while place < end {
      let value = place + 1
      let name = tape.content(at: place)
      let isEscaped = tape[place].kind == .escapedString
      if !isEscaped && JSONString.matches("jsonrpc", text, name) {
        members.version = value
      } else if !isEscaped && JSONString.matches("id", text, name) {
        members.id = value
      } else if !isEscaped && JSONString.matches("method", text, name) {
        members.method = value
      } else if !isEscaped && JSONString.matches("params", text, name) {
        members.params = value
      } else if !isEscaped && JSONString.matches("result", text, name) {
        members.result = value
      } else if !isEscaped && JSONString.matches("error", text, name) {
        members.error = value
      } else {
        try readUnusual(name, value: value, at: tape[place].offset, text, &members)
      }
      place = tape.next(after: value)
    }
    return members
  }

  /// A key that is escaped, unknown, or almost one of the protocol's.
  private mutating func readUnusual(
    _ name: Range<Int>, value: Int, at offset: Int, _ text: Span<UInt8>, _ members: inout Members
  ) throws(Fault) {
    members.hasUnusual = true
    if name.count > Vocabulary.longestSpelling { return }
    key.removeAll(keepingCapacity: true)
    JSONString.decode(text, name, to: &key)
    if ProtocolNames.envelope.almostHas(key) { throw Fault(.keyCase, at: offset) }
    switch String(decoding: key, as: UTF8.self) {
    case "jsonrpc": members.version = value
    case "id": members.id = value
    case "method": members.method = value
    case "params": members.params = value
    case "result": members.result = value
    case "error": members.error = value
    default: break
    }
  }

  private func message(
    _ members: Members, at place: Int, _ tape: borrowing JSONTape, _ text: Span<UInt8>
  ) throws(Fault) -> Message {
    let start = tape[place].offset
    guard let version = members.version, isVersion2(version, tape, text) else { throw Fault(.badVersion, at: start) }

    var id: MessageID?
    if let place = members.id {
      id = MessageID(tape, at: place, of: text)
      let isUnreadableRequest = members.error != nil && tape[place].kind == .null
      if id == nil && !isUnreadableRequest { throw Fault(.badID, at: tape[place].offset) }
    }
    if let params = members.params, tape[params].kind != .object, tape[params].kind != .null {
      throw Fault(.badParams, at: tape[params].offset)
    }

    switch (members.method, members.result, members.error) {
    case (let place?, nil, nil):
      guard tape[place].kind == .string || tape[place].kind == .escapedString else {
        throw Fault(.badMethod, at: tape[place].offset)
      }
      let params = members.params.flatMap { tape[$0].kind == .object ? $0 : nil }
      return Message(
        kind: id.map { .request($0) } ?? .notification, method: method(at: place, tape, text),
        params: params, result: nil)
    case (nil, let result?, nil):
      guard let id else { throw Fault(.badID, at: start) }
      return Message(kind: .result(id), method: nil, params: nil, result: result)
    case (nil, nil, let error?):
      guard tape[error].kind == .object else { throw Fault(.badError, at: tape[error].offset) }
      return Message(kind: .error(id), method: nil, params: nil, result: nil)
    case (nil, nil, nil): throw Fault(.noKind, at: start)
    default: throw Fault(.ambiguousKind, at: start)
    }
  }

  private func isVersion2(_ place: Int, _ tape: borrowing JSONTape, _ text: Span<UInt8>) -> Bool {
    switch tape[place].kind {
    case .string: JSONString.matches("2.0", text, tape.content(at: place))
    case .escapedString: tape.isString("2.0", at: place, text)
    default: false
    }
  }

  private func method(at place: Int, _ tape: borrowing JSONTape, _ text: Span<UInt8>) -> ProtocolMethod? {
    if tape[place].kind == .string { return ProtocolMethod(text, tape.content(at: place)) }
    var name = Bytes()
    JSONString.decode(text, tape.content(at: place), to: &name)
    return ProtocolMethod(name.span, 0..<name.count)
  }

  /// Refuses keys in `params` that a reader without regard to case takes for others.
  private mutating func checkKeys(
    of params: Int, in method: ProtocolMethod?, with scanner: inout JSONScanner, of text: Span<UInt8>,
    _ direction: Direction
  ) throws(Fault) {
    try check(params, against: method?.parameters ?? ProtocolNames.anyParameters, with: &scanner, of: text)
    // What a client sends is judged by rules on any depth of it. What a server reports is data, whose keys are its own.
    guard direction == .fromClient else { return }
    for place in (params + 1)..<scanner.tape.end(of: params) where scanner.tape[place].kind == .object {
      try refuseCollisions(in: place, with: &scanner, of: text)
    }
  }

  private mutating func check(
    _ object: Int, against vocabulary: Vocabulary, with scanner: inout JSONScanner, of text: Span<UInt8>
  ) throws(Fault) {
    var hasUnusual = false
    var place = object + 1
    let end = scanner.tape.end(of: object)
    while place < end {
      let name = scanner.tape.content(at: place)
      var isMeta = JSONString.matches("_meta", text, name)
      if !vocabulary.has(text, name) {
        hasUnusual = true
        key.removeAll(keepingCapacity: true)
        if name.count <= Vocabulary.longestSpelling { JSONString.decode(text, name, to: &key) }
        if vocabulary.almostHas(key) { throw Fault(.keyCase, at: scanner.tape[place].offset) }
        isMeta = key.elementsEqual("_meta".utf8)
      }
      let value = place + 1
      if isMeta && scanner.tape[value].kind == .object {
        try check(value, against: ProtocolNames.meta, with: &scanner, of: text)
      }
      place = scanner.tape.next(after: value)
    }
    if hasUnusual { try refuseCollisions(in: object, with: &scanner, of: text) }
  }

  private func refuseCollisions(
    in object: Int, with scanner: inout JSONScanner, of text: Span<UInt8>
  ) throws(Fault) {
    if let key = scanner.collidingKey(in: object, of: text, ignoringCase: true) {
      throw Fault(.keyCase, at: scanner.tape[key].offset)
    }
  }
}
