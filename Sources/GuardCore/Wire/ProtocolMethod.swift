/// The methods of the protocol, in all versions from 2024-11-05 to 2026-07-28.
package enum ProtocolMethod: String, CaseIterable, Sendable {
  case initialize
  case ping
  case toolsCall = "tools/call"
  case toolsList = "tools/list"
  case promptsGet = "prompts/get"
  case promptsList = "prompts/list"
  case resourcesList = "resources/list"
  case resourceTemplatesList = "resources/templates/list"
  case resourcesRead = "resources/read"
  case resourcesSubscribe = "resources/subscribe"
  case resourcesUnsubscribe = "resources/unsubscribe"
  case complete = "completion/complete"
  case setLogLevel = "logging/setLevel"
  case discover = "server/discover"
  case listen = "subscriptions/listen"
  case tasksGet = "tasks/get"
  case tasksResult = "tasks/result"
  case tasksCancel = "tasks/cancel"
  case tasksUpdate = "tasks/update"
  case tasksList = "tasks/list"
  case rootsList = "roots/list"
  case createMessage = "sampling/createMessage"
  case elicit = "elicitation/create"
  case initialized = "notifications/initialized"
  case cancelled = "notifications/cancelled"
  case progress = "notifications/progress"
  case logMessage = "notifications/message"
  case rootsChanged = "notifications/roots/list_changed"
  case toolsChanged = "notifications/tools/list_changed"
  case promptsChanged = "notifications/prompts/list_changed"
  case resourcesChanged = "notifications/resources/list_changed"
  case resourceUpdated = "notifications/resources/updated"
  case subscriptionAcknowledged = "notifications/subscriptions/acknowledged"
  case elicitationComplete = "notifications/elicitation/complete"
  case taskStatus = "notifications/tasks/status"
  case taskUpdate = "notifications/tasks"

  private static let byLength: [[(name: Bytes, method: ProtocolMethod)]] = {
    let longest = allCases.map { $0.rawValue.utf8.count }.max() ?? 0
    return (0...longest).map { length in
      allCases.filter { $0.rawValue.utf8.count == length }.map { (Bytes($0.rawValue.utf8), $0) }
    }
  }()

  /// The method that is named exactly so.
  package init?(_ text: Span<UInt8>, _ range: Range<Int>) {
    guard range.count < Self.byLength.count else { return nil }
    for candidate in Self.byLength[range.count]
    where ByteSearch.matches(candidate.name, text, at: range.lowerBound) {
      self = candidate.method
      return
    }
    return nil
  }

  /// The names that `params` has for this method.
  var parameters: Vocabulary { Self.vocabularies[self] ?? ProtocolNames.anyParameters }

  private static let vocabularies: [ProtocolMethod: Vocabulary] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, Vocabulary($0.parameterNames + ["_meta"])) })

  private var parameterNames: [String] {
    switch self {
    case .initialize: ["protocolVersion", "capabilities", "clientInfo"]
    case .toolsCall: ["name", "arguments", "task", "inputResponses", "requestState"]
    case .promptsGet: ["name", "arguments", "inputResponses", "requestState"]
    case .resourcesRead: ["uri", "inputResponses", "requestState"]
    case .resourcesSubscribe, .resourcesUnsubscribe, .resourceUpdated: ["uri"]
    case .toolsList, .promptsList, .resourcesList, .resourceTemplatesList, .tasksList: ["cursor"]
    case .complete: ["ref", "argument", "context"]
    case .setLogLevel: ["level"]
    case .listen, .subscriptionAcknowledged: ["notifications"]
    case .tasksGet, .tasksResult, .tasksCancel: ["taskId"]
    case .tasksUpdate: ["taskId", "inputResponses"]
    case .createMessage:
      [
        "messages", "modelPreferences", "systemPrompt", "includeContext", "temperature", "maxTokens", "stopSequences",
        "metadata", "tools", "toolChoice", "task",
      ]
    case .elicit: ["mode", "message", "requestedSchema", "url", "elicitationId", "task"]
    case .cancelled: ["requestId", "reason"]
    case .progress: ["progressToken", "progress", "total", "message"]
    case .logMessage: ["level", "logger", "data"]
    case .elicitationComplete: ["elicitationId"]
    case .taskStatus, .taskUpdate:
      ["taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttl", "pollInterval"]
    case .ping, .discover, .rootsList, .initialized, .rootsChanged, .toolsChanged, .promptsChanged, .resourcesChanged:
      []
    }
  }
}
