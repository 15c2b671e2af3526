import Records
import Streams

extension FeedReader {
  /// The syntax tree of an expression; nil when it is wrong (reported).
  func parse(_ text: DefinitionScalar) -> Expression? {
    do throws(ExpressionError) {
      return try ExpressionParser.parse(text.text)
    } catch {
      report(error, in: text)
      return nil
    }
  }

  /// The program of an expression. Nil when it is wrong (reported), or uses a field that is wrong itself.
  /// - Parameter oldRefusal: Why `old.FIELD` may not be used; nil: it may.
  func compile(_ text: DefinitionScalar, oldRefusal: String?, isCondition: Bool = false) -> Program? {
    guard let expression = parse(text) else { return nil }
    return compile(expression, text: text, oldRefusal: oldRefusal, isCondition: isCondition)
  }

  /// The program of a parsed expression, like `compile(_:oldRefusal:isCondition:)`.
  func compile(
    _ expression: Expression, text: DefinitionScalar, oldRefusal: String?, isCondition: Bool = false
  ) -> Program? {
    guard expression.names.keys.allSatisfy(table.isCheckable) else { return nil }
    let (table, lookups) = (table, lookups)
    var used: Set<String> = []
    let load = { (path: String) throws(SluiceError) -> LookupTable in
      let loaded = try lookups.load(path)
      used.insert(path)
      return loaded.table
    }
    defer { usedLookups.formUnion(used) }
    let scope = ExpressionScope(
      fieldNames: table.declaredNames, captureNames: table.captureNames, oldRefusal: oldRefusal,
      field: { table.field($0) }, capture: { table.capture($0) }, lookup: load)
    do throws(ExpressionError) {
      return isCondition
        ? try ExpressionCompiler.compileCondition(expression, source: text.text, scope: scope)
        : try ExpressionCompiler.compile(expression, source: text.text, scope: scope)
    } catch {
      report(error, in: text)
      return nil
    }
  }

  private func report(_ error: ExpressionError, in text: DefinitionScalar) {
    problems.add(
      error.code, at: source.position(of: error.offset, in: text), cause: error.cause, remedy: error.remedy)
  }
}
