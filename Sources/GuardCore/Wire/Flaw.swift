/// Why a line is not let through: each is something that two readers could understand differently.
package enum Flaw: String, Error, CaseIterable, Sendable {
  // The bytes.
  case byteOrderMark = "byte-order-mark"
  case invalidUTF8 = "invalid-utf-8"
  case loneCarriageReturn = "lone-carriage-return"
  case tooLong = "line-too-long"

  // The JSON.
  case notJSON = "not-json"
  case truncated = "truncated"
  case trailingContent = "trailing-content"
  case badNumber = "bad-number"
  case notANumber = "not-a-number"
  case controlCharacter = "control-character"
  case badEscape = "bad-escape"
  case loneSurrogate = "lone-surrogate"
  case duplicateKey = "duplicate-key"
  case tooDeep = "too-deep"

  // The message.
  case notAnObject = "not-an-object"
  case keyCase = "key-case"
  case badVersion = "jsonrpc-version"
  case badID = "bad-id"
  case badMethod = "bad-method"
  case badParams = "bad-params"
  case badError = "bad-error"
  case ambiguousKind = "ambiguous-kind"
  case noKind = "no-kind"
  case batch = "batch"
  case emptyBatch = "empty-batch"
  case hugeBatch = "huge-batch"

  // The conversation.
  case duplicateID = "duplicate-id"
  case tooManyWaiting = "too-many-waiting"
  case unknownID = "unknown-id"
  case serverGone = "server-gone"

  /// The name under which a refusal and the log know it.
  package var name: String { self == .serverGone ? rawValue : "reading/" + rawValue }

  /// What a person, or a model, is told.
  package var explanation: String {
    switch self {
    case .byteOrderMark: "the line starts with a byte order mark"
    case .invalidUTF8: "the line is not valid UTF-8"
    case .loneCarriageReturn: "the line holds a carriage return, which some readers take for its end"
    case .tooLong: "the line is longer than the limit"
    case .notJSON: "the line is not JSON"
    case .truncated: "the JSON ends too early"
    case .trailingContent: "something follows the JSON value"
    case .badNumber: "a number is not spelled as JSON has it"
    case .notANumber: "NaN and Infinity are not JSON"
    case .controlCharacter: "a string holds a raw control character"
    case .badEscape: "a string holds an escape that JSON does not have"
    case .loneSurrogate: "a string holds half of a surrogate pair"
    case .duplicateKey: "an object has the same key twice"
    case .tooDeep: "the JSON is nested too deeply"
    case .notAnObject: "a message must be a JSON object"
    case .keyCase: "a key differs only by case from another or from one of the protocol"
    case .badVersion: "the member jsonrpc must be \"2.0\""
    case .badID: "an id must be a string or an integer of at most 4096 bytes"
    case .badMethod: "a method must be a string"
    case .badParams: "params must be an object"
    case .badError: "an error must be an object"
    case .ambiguousKind: "a message must have exactly one of method, result and error"
    case .noKind: "a message must have a method, a result or an error"
    case .batch: "batches exist in protocol version 2025-03-26 only"
    case .emptyBatch: "a batch must not be empty"
    case .hugeBatch: "a batch must not have more than 1024 members"
    case .duplicateID: "a request with this id is still waiting for its answer"
    case .tooManyWaiting: "too many requests are waiting for their answers"
    case .unknownID: "no request with this id is waiting for an answer"
    case .serverGone: "the server is gone"
    }
  }
}

/// A flaw and where in the line it was found.
package struct Fault: Error, Equatable, Sendable {
  package let flaw: Flaw
  package let offset: Int

  package init(_ flaw: Flaw, at offset: Int) {
    self.flaw = flaw
    self.offset = offset
  }
}
