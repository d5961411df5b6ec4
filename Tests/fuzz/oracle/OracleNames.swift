/// The names that the protocol gives to members, written down from its specification and not from the guard's table.
enum OracleNames {
  static let envelope: Set<OracleText> = ["jsonrpc", "id", "method", "params", "result", "error"]

  private static let meta: Set<OracleText> = [
    "progressToken", "traceparent", "tracestate", "baggage",
    "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/clientInfo", "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/subscriptionId", "io.modelcontextprotocol/related-task",
  ]

  private static let retry: Set<OracleText> = ["inputResponses", "requestState"]
  private static let page: Set<OracleText> = ["cursor"]
  private static let uri: Set<OracleText> = ["uri"]
  private static let task: Set<OracleText> = ["taskId"]
  private static let taskStatus: Set<OracleText> = [
    "taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttl", "pollInterval",
  ]

  /// What stands in the `params` of each method, beside `_meta`.
  private static let params: [OracleText: Set<OracleText>] = [
    "initialize": ["protocolVersion", "capabilities", "clientInfo"],
    "tools/call": retry.union(["name", "arguments", "task"]),
    "tools/list": page,
    "prompts/get": retry.union(["name", "arguments"]),
    "prompts/list": page,
    "resources/list": page,
    "resources/templates/list": page,
    "resources/read": retry.union(uri),
    "resources/subscribe": uri,
    "resources/unsubscribe": uri,
    "completion/complete": ["ref", "argument", "context"],
    "logging/setLevel": ["level"],
    "subscriptions/listen": ["notifications"],
    "tasks/get": task,
    "tasks/result": task,
    "tasks/cancel": task,
    "tasks/update": task.union(["inputResponses"]),
    "tasks/list": page,
    "sampling/createMessage": [
      "messages", "modelPreferences", "systemPrompt", "includeContext", "temperature", "maxTokens", "stopSequences",
      "metadata", "tools", "toolChoice", "task",
    ],
    "elicitation/create": ["mode", "message", "requestedSchema", "url", "elicitationId", "task"],
    "notifications/cancelled": ["requestId", "reason"],
    "notifications/progress": ["progressToken", "progress", "total", "message"],
    "notifications/message": ["level", "logger", "data"],
    "notifications/resources/updated": uri,
    "notifications/subscriptions/acknowledged": ["notifications"],
    "notifications/elicitation/complete": ["elicitationId"],
    "notifications/tasks/status": taskStatus,
    "notifications/tasks": taskStatus,
  ]

  /// Letters as parsers fold them that do not heed case: ASCII, the long s and the Kelvin sign.
  private static func fold(_ text: OracleText) -> OracleText {
    OracleText(
      text.scalars.map { scalar in
        switch scalar {
        case 0x41...0x5a: scalar + 0x20
        case 0x17f: 0x73
        case 0x212a: 0x6b
        default: scalar
        }
      })
  }

  /// Refuses keys that differ by case from one another, or from one of `names`.
  static func check(_ members: [OracleMember], against names: Set<OracleText>) throws(OracleRefusal) {
    if members.allSatisfy({ names.contains($0.name) }) { return }
    let foldedNames = Set(names.map(fold))
    for member in members where !names.contains(member.name) && foldedNames.contains(fold(member.name)) {
      throw OracleRefusal("a key that differs by case from one of the protocol")
    }
    try checkCollisions(members)
  }

  private static func checkCollisions(_ members: [OracleMember]) throws(OracleRefusal) {
    if Set(members.map { fold($0.name) }).count < members.count {
      throw OracleRefusal("two keys that differ by case")
    }
  }

  /// What promise 2 demands of `params`: of a client's at any depth, for it decides what is done.
  static func checkParams(_ node: OracleNode, of method: OracleText, fromClient: Bool) throws(OracleRefusal) {
    guard case .object(let members) = node.shape else { return }
    try check(members, against: (params[method] ?? []).union(["_meta"]))
    try checkMeta(in: members)
    if fromClient { try checkDeeply(node) }
  }

  private static func checkMeta(in members: [OracleMember]) throws(OracleRefusal) {
    for member in members where member.name == "_meta" {
      guard case .object(let inner) = member.value.shape else { continue }
      try check(inner, against: meta)
      try checkMeta(in: inner)
    }
  }

  private static func checkDeeply(_ node: OracleNode) throws(OracleRefusal) {
    switch node.shape {
    case .object(let members):
      try checkCollisions(members)
      for member in members { try checkDeeply(member.value) }
    case .array(let elements):
      for element in elements { try checkDeeply(element) }
    default: return
    }
  }
}
