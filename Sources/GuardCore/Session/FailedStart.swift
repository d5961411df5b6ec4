/// What a client is told whose server could not be started: it would otherwise only see that nobody is there.
package enum FailedStart {
  /// How long a client may take to ask something.
  private static let patience = 3000

  /// Answers what the client asks first, if it asks anything soon.
  package static func answerClient(because reason: String, lineLimit: Int) {
    // A person at a terminal reads stderr, and doesn't want to wait.
    if SystemCalls.isTerminal(Session.clientInput) { return }
    let conversation = Conversation()
    _ = conversation.giveUp(because: reason)
    guard var judge = try? Judge(.fromClient, of: conversation, lineLimit: lineLimit),
      var lines = try? LineBuffer(lineLimit: lineLimit)
    else { return }

    let deadline = Instant.now + patience
    var answers = Bytes()
    while answers.isEmpty {
      let left = deadline.milliseconds - Instant.now.milliseconds
      let input = SystemCalls.Watched(Session.clientInput, .readable)
      guard left > 0, SystemCalls.wait(for: [input], milliseconds: left)[0],
        let count = try? lines.fill(from: Session.clientInput), count > 0
      else { break }
      lines.lendLines { answers.append(contentsOf: Self.answers(to: $0, by: &judge)) }
      if lines.isOverlong { return }
    }
    try? SystemCalls.write(answers.span, to: Session.clientOutput)
  }

  private static func answers(to lines: Span<UInt8>, by judge: inout Judge) -> Bytes {
    var answers = Bytes()
    var position = 0
    while position < lines.count {
      let end = ByteSearch.firstNewline(in: lines, from: position).map { $0 + 1 } ?? lines.count
      if case .refuse(_, let answer?) = judge.judge(lines.extracting(position..<end)) {
        answers.append(contentsOf: answer)
      }
      position = end
    }
    return answers
  }
}
