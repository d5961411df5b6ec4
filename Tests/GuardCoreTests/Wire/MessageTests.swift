import Testing

@testable import GuardCore

@Suite struct MessageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    /// What comes from a client is read as, and what comes from a server.
    let client: String
    let server: String

    init(_ text: String, _ reading: String, fromServer: String? = nil) {
      self.text = text
      client = reading
      server = fromServer ?? reading
    }

    /// A message with these members beside `jsonrpc`.
    init(_ reading: String, with members: String, fromServer: String? = nil) {
      self.init(#"{"jsonrpc":"2.0",\#(members)}"#, reading, fromServer: fromServer)
    }

    var testDescription: String { "\(client): \(text.count > 100 ? "…" : text)" }
  }

  static let kinds: [Case] = [
    Case("request 1", with: #""id":1,"method":"ping""#), Case(#"request "a""#, with: #""id":"a","method":"ping""#),
    Case("request 0", with: #""id":0,"method":"ping""#), Case(#"request """#, with: #""id":"","method":"ping""#),
    Case("request -7", with: #""method":"x/y","params":{},"id":-7"#),
    Case("notification", with: #""method":"notifications/initialized""#),
    Case("notification", with: #""method":"","params":{"a":1}"#), Case("result 1", with: #""id":1,"result":{}"#),
    Case("result 1", with: #""result":{"method":"x","id":7},"id":1"#), Case("result 1", with: #""id":1,"result":null"#),
    Case("result 1", with: #""id":1,"result":[1]"#), Case("result 1", with: #""id":1,"result":"x""#),
    Case("error 1", with: #""id":1,"error":{"code":1,"message":""}"#), Case("error 1", with: #""id":1,"error":{}"#),
    Case("error null", with: #""id":null,"error":{"code":-32700,"message":""}"#),
    Case("error null", with: #""error":{"code":1}"#), Case("request 1", with: #""id":1,"method":"ping","params":null"#),
    Case("request 1", with: #""id":1,"method":"p\u0069ng""#),
    Case("request 1", with: #""id":1,"method":"ping","extra":[1],"x y":{}"#),
    Case("result 1", with: #""id":1,"result":{},"extra":1"#),
    Case(#"{"\u006asonrpc":"2.0","i\u0064":1,"\u006dethod":"ping"}"#, "request 1"),
    Case(#"{"jsonrpc":"2.0","id":1,"r\u0065sult":{}}"#, "result 1"),
    Case(#"{"jsonrpc":"2.0","id":1,"err\u006fr":{}}"#, "error 1"),
    Case(#" { "id" : 1 , "method" : "ping" , "jsonrpc" : "2.0" } "#, "request 1"),
  ]

  static let flawed: [Case] = [
    Case("1", "not-an-object"), Case(#""x""#, "not-an-object"), Case("null", "not-an-object"),
    Case("[]", "not-an-object"), Case("{}", "jsonrpc-version"), Case(#"{"id":1,"method":"ping"}"#, "jsonrpc-version"),
    Case(#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "jsonrpc-version"),
    Case(#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, "jsonrpc-version"),
    Case(#"{"jsonrpc":"2.0 ","id":1,"method":"ping"}"#, "jsonrpc-version"),
    Case(#"{"jsonrpc":null,"method":"ping"}"#, "jsonrpc-version"),
    Case(#"{"jsonrpc":["2.0"],"method":"ping"}"#, "jsonrpc-version"),
    Case("bad-id", with: #""id":null,"method":"ping""#), Case("bad-id", with: #""id":1.0,"method":"ping""#),
    Case("bad-id", with: #""id":1.5,"method":"ping""#), Case("bad-id", with: #""id":1e3,"method":"ping""#),
    Case("bad-id", with: #""id":true,"method":"ping""#), Case("bad-id", with: #""id":{},"method":"ping""#),
    Case("bad-id", with: #""id":[1],"method":"ping""#), Case("bad-id", with: #""id":null,"result":{}"#),
    Case("bad-id", with: #""result":{}"#), Case("bad-id", with: #""id":1.0,"result":{}"#),
    Case("bad-id", with: #""id":false,"error":{}"#), Case("bad-id", with: #""id":{},"error":{}"#),
    Case("bad-params", with: #""id":1,"method":"ping","params":[]"#),
    Case("bad-params", with: #""method":"ping","params":"x""#),
    Case("bad-params", with: #""id":1,"method":"ping","params":0"#),
    Case("bad-params", with: #""id":1,"method":"ping","params":false"#),
    Case("bad-method", with: #""id":1,"method":null"#), Case("bad-method", with: #""id":1,"method":1"#),
    Case("bad-method", with: #""id":1,"method":["ping"]"#), Case("bad-method", with: #""method":{}"#),
    Case("bad-error", with: #""id":1,"error":null"#), Case("bad-error", with: #""id":1,"error":"x""#),
    Case("bad-error", with: #""error":[]"#), Case("no-kind", with: #""id":1"#),
    Case("no-kind", with: #""id":1,"params":{}"#), Case(#"{"jsonrpc":"2.0"}"#, "no-kind"),
    Case("ambiguous-kind", with: #""id":1,"method":"ping","result":{}"#),
    Case("ambiguous-kind", with: #""id":1,"method":"ping","error":{}"#),
    Case("ambiguous-kind", with: #""id":1,"result":{},"error":{}"#),
    Case("ambiguous-kind", with: #""id":1,"method":"x","result":1,"error":{}"#),
    Case("ambiguous-kind", with: #""id":1,"result":{},"error":null"#),
    Case("ambiguous-kind", with: #""id":1,"method":"x","r\u0065sult":1"#),
  ]

  static let keyCases: [Case] =
    [
      "ID", "Id", "iD", "METHOD", "Method", "Params", "RESULT", "Error", "JSONRPC", "jsonRPC", "paramſ", "I\\u0044",
      "\\u0049d", "reſult",
    ].map {
      Case("key-case", with: #""id":1,"method":"ping","\#($0)":1"#)
    } + [
      Case("key-case", with: #""ID":1,"method":"ping""#), Case("key-case", with: #""id":1,"Result":{}"#),
      Case("key-case", with: #""id":1,"method":"ping","extra":1,"Extra":2"#),
      Case("key-case", with: #""id":1,"method":"x","k":1,"K":2"#),
      Case("request 1", with: #""id":1,"method":"ping","identity":1,"ids":2,"i d":3,"metho":4"#),
    ]
    + [
      ("ping", "_META"), ("x/unknown", "_Meta"), ("tools/call", "Name"), ("tools/call", "ARGUMENTS"),
      ("tools/call", "argumentſ"), ("tools/call", "taſk"), ("tools/call", "taſ\u{212a}"), ("tools/call", "tas\\u212a"),
      ("tools/call", "requeststate"), ("tools/call", "n\\u0041me"), ("tools\\/call", "Name"),
      ("tools/c\\u0061ll", "NAME"), ("prompts/get", "Arguments"), ("resources/read", "URI"), ("resources/read", "Uri"),
      ("resources/subscribe", "uRi"), ("tools/list", "Cursor"), ("initialize", "protocolversion"),
      ("initialize", "clientinfo"), ("completion/complete", "Ref"), ("logging/setLevel", "LEVEL"),
      ("tasks/get", "taskID"), ("tasks/cancel", "taskid"), ("sampling/createMessage", "systemprompt"),
      ("elicitation/create", "Message"), ("notifications/cancelled", "requestID"),
      ("notifications/progress", "progresstoken"), ("notifications/message", "Data"),
      ("notifications/tasks/status", "STATUS"),
    ].map { method, key in Case("key-case", with: #""id":1,"method":"\#(method)","params":{"\#(key)":1}"#) }
    + [
      // Another method's names are nobody's here.
      Case("request 1", with: #""id":1,"method":"ping","params":{"Name":1,"ARGUMENTS":2,"uRi":3}"#),
      Case("request 1", with: #""id":1,"method":"tools/call","params":{"Uri":1,"Cursor":2,"name":"x"}"#),
      Case("request 1", with: #""id":1,"method":"Tools/call","params":{"Name":1}"#),
      // In `_meta` the protocol has names as well.
      Case("key-case", with: #""id":1,"method":"ping","params":{"_meta":{"progresstoken":1}}"#),
      Case("key-case", with: #""id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol/ProtocolVersion":1}}"#),
      Case("key-case", with: #""id":1,"method":"x","params":{"\u005fmeta":{"TraceParent":1}}"#),
      Case("key-case", with: #""id":1,"method":"x","params":{"_meta":{"mine":1,"Mine":2}}"#),
      Case("request 1", with: #""id":1,"method":"ping","params":{"_meta":{"progressToken":1,"name":2,"Name2":3}}"#),
      Case("request 1", with: #""id":1,"method":"ping","params":{"_meta":null}"#),
      Case("request 1", with: #""id":1,"method":"ping","params":{"_meta":"PROGRESSTOKEN"}"#),
      // Keys that only differ by case from one another.
      Case("key-case", with: #""id":1,"method":"x","params":{"a":1,"A":2}"#),
      Case(
        "key-case", with: #""id":1,"method":"tools/call","params":{"name":"t","arguments":{"path":1,"Path":2}}"#,
        fromServer: "request 1"),
      Case(
        "key-case", with: #""id":1,"method":"tools/call","params":{"arguments":{"a":[{"k":1,"\u212a":2}]}}"#,
        fromServer: "request 1"),
      Case(
        "request 1",
        with: #""id":1,"method":"tools/call","params":{"arguments":{"Name":1,"ID":2,"Jsonrpc":3,"_META":4}}"#),
      Case("request 1", with: #""id":1,"method":"tools/call","params":{"arguments":{"a":{"b":1},"c":{"B":1}}}"#),
      Case("result 1", with: #""id":1,"result":{"a":1,"A":2,"Content":3,"content":4}"#),
      Case("error 1", with: #""id":1,"error":{"code":1,"data":{"a":1,"A":2}}"#),
    ]

  @Test(arguments: kinds + flawed + keyCases) func `a message is what its members make it, or has a flaw`(row: Case)
    throws
  {
    #expect(try Self.reading(of: row.text, .fromClient) == row.client)
    #expect(try Self.reading(of: row.text, .fromServer) == row.server)
  }

  @Test(arguments: ProtocolMethod.allCases) func `a method of the protocol is known by its name, however it is spelled`(
    method: ProtocolMethod
  ) throws {
    let name = method.rawValue
    let escaped = name.unicodeScalars.map { $0 == "a" ? "\\u0061" : $0 == "/" ? "\\/" : String($0) }.joined()
    #expect(try Self.method(of: #"{"jsonrpc":"2.0","id":1,"method":"\#(name)"}"#) == method)
    #expect(try Self.method(of: #"{"jsonrpc":"2.0","id":1,"method":"\#(escaped)"}"#) == method)
    for other in [name + "x", name + "/", " " + name, name.uppercased(), String(name.dropLast()), name + "\\u0000"]
    where other != name {
      let found = try Self.method(of: #"{"jsonrpc":"2.0","id":1,"method":"\#(other)"}"#)
      #expect(found != method, "\(other)")
    }
  }

  /// The kind of the message and its id, or its flaw.
  private static func reading(of text: String, _ direction: Direction) throws -> String {
    let bytes = Bytes(text.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    var reader = MessageReader()
    do throws(Fault) {
      try scanner.scan(bytes.span)
      let message = try reader.read(0, with: &scanner, of: bytes.span, direction)
      switch message.kind {
      case .request(let id): return "request \(spelling(of: id))"
      case .notification: return "notification"
      case .result(let id): return "result \(spelling(of: id))"
      case .error(let id): return "error \(id.map(spelling) ?? "null")"
      }
    } catch {
      return error.flaw.rawValue
    }
  }

  private static func spelling(of id: MessageID) -> String {
    var bytes = Bytes()
    id.encode(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func method(of text: String) throws -> ProtocolMethod? {
    let bytes = Bytes(text.utf8)
    var scanner = try JSONScanner(textLimit: 1 << 26)
    var reader = MessageReader()
    try scanner.scan(bytes.span)
    return try reader.read(0, with: &scanner, of: bytes.span, .fromClient).method
  }
}
