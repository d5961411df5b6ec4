/// Text that somebody else chose, made fit for a terminal.
package enum PrintableText {
  /// `text` with everything that could steer a terminal, or look like something else, spelled out.
  package static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
        output += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
