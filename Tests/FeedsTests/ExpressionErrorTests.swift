import Records
import Testing

@testable import Feeds

/// An expression with a `▸` before the place of its error, and what the error says.
struct WrongExpression: Sendable, CustomTestStringConvertible {
  var marked: String
  var code: String
  var cause: String
  var remedy: String

  init(_ marked: String, _ code: String, _ cause: String, _ remedy: String) {
    self.marked = marked
    self.code = code
    self.cause = cause
    self.remedy = remedy
  }

  var text: String { String(String.UnicodeScalarView(marked.unicodeScalars.filter { $0 != "▸" })) }
  var offset: Int { Array(marked.unicodeScalars).firstIndex(of: "▸") ?? -1 }
  var testDescription: String { marked }
}

@Suite struct ExpressionErrorTests {
  static let syntax: [WrongExpression] = [
    .init("▸", "expression-syntax", "an expression is missing", "a text in '…'"),
    .init("qty >▸", "expression-syntax", "ends too early", "complete it"),
    .init("qty ▸= 0", "expression-syntax", "\"=\" has no meaning here", "write =="),
    .init("qty > 0 ▸& active", "expression-syntax", "\"&\"", "write &&"),
    .init("qty > 0 ▸and active", "expression-syntax", "\"and\" is not an operator", "write &&"),
    .init("▸'open", "expression-syntax", "never closed", "close it with '"),
    .init("▸\"open", "expression-syntax", "never closed", "close it with \""),
    .init("\"a ▸{sku", "expression-syntax", "the { is never closed", "}"),
    .init("\"a ▸} b\"", "expression-syntax", "closes nothing", "}}"),
    .init("\"a {▸}\"", "expression-syntax", "hole { } is empty", "{{ }}"),
    .init("▸(qty + 1", "expression-syntax", "( is never closed", "missing )"),
    .init("qty + 1▸)", "expression-syntax", "\")\" is not expected", "drop the )"),
    .init("active ? 1▸", "expression-syntax", "the ? has no :", "condition ? value"),
    .init("1▸, 5", "expression-syntax", "\",\" is not expected", "decimal sign of expressions is the point"),
    .init("▸010", "expression-syntax", "does not start with 0", "'010'"),
    .init("1▸..5", "expression-syntax", "goes straight over into \".\"", "one decimal point"),
    .init("round▸(qty", "expression-syntax", "( is never closed", "missing )"),
    .init("1▸e3", "expression-syntax", "goes straight over into \"e\"", "one decimal point"),
    .init("qty > ▸0.0000000000000000000000000000000000000001", "expression-syntax", "more than 18 decimals", "as text"),
    .init("▸1234567890123456789012", "expression-syntax", "more than 18 digits", "as text"),
    .init("▸“sku”", "expression-syntax", "no meaning", "straight quotes"),
    .init("sku ▸name_en", "expression-syntax", "\"name_en\" is not expected", "template"),
    .init("product▸.sku", "expression-syntax", "no meaning", "file.NAME"),
    .init("file▸.", "expression-syntax", "a name is missing", "file.NAME"),
  ]

  static let names: [WrongExpression] = [
    .init("▸quantity > 0", "unknown-field", "there is no field \"quantity\"", "'quantity'"),
    .init("sku == ▸nam_en", "unknown-field", "no field \"nam_en\"", "did you mean \"name_en\"?"),
    .init("\"{▸sk}\"", "unknown-field", "no field \"sk\"", "did you mean \"sku\"?"),
    .init("▸slugg(sku)", "unknown-function", "no function \"slugg\"", "did you mean \"slug\""),
    .init("▸frobnicate(sku)", "unknown-function", "frobnicate", "present, default"),
    .init("▸file.sequense", "unknown-capture", "captures \"sequense\"", "did you mean \"sequence\""),
    .init("▸old.qty == 0", "old-value", "only in event targets", "old.qty"),
    .init("lookup(sku, ▸'none.csv')", "lookup-missing", "none.csv", "check the path"),
  ]

  static let types: [WrongExpression] = [
    .init("sku ▸== 1", "expression-type", "a text and a number can not be compared", "type integer or decimal(n)"),
    .init("qty ▸> '10'", "expression-type", "a number and a text", "without quotes: 10"),
    .init("since ▸< '2026-01-01'", "expression-type", "a date and a text", "format(date, 'yyyyMMdd')"),
    .init("since ▸<= now()", "expression-type", "a date and a date with time", "format(date, 'yyyyMMdd')"),
    .init("▸tags == 'a'", "expression-type", "a list can not be compared", "join(list"),
    .init("sku ▸== null", "expression-type", "compare as false with everything", "present(…)"),
    .init("active ▸< true", "expression-type", "no order", "== or !="),
    .init("active ▸== sku", "expression-type", "true or false and a text", "\"{name}\""),
    .init("▸qty ? 1 : 0", "expression-type", "a condition is true or false, this is a number", "… != 0"),
    .init("▸sku && active", "expression-type", "this is a text", "present(…)"),
    .init("!▸sku", "expression-type", "this is a text", "present(…)"),
    .init("active ▸? sku : 1", "expression-type", "differ: a text and a number", "\"{…}\""),
    .init("▸default(sku, 1)", "expression-type", "the two values of default differ", "one type"),
    .init("▸sku + '-'", "expression-type", "+ needs numbers, this is a text", "\"{a}{b}\""),
    .init("▸sku * 2", "expression-type", "* needs numbers", "integer or decimal(n)"),
    .init("price ▸/ qty", "expression-type", "a division needs to know its decimals", "round(a / b, n)"),
    .init("round(price ▸/ qty / 2, 4)", "expression-type", "a division", "round(a / b, n)"),
    .init("round(price ▸/ qty * 2, 4)", "expression-type", "a division", "directly inside"),
    .init("qty * qty * qty * qty ▸* qty", "expression-type", "20 decimals, the most is 18", "round(a, n) * b"),
    .init("truncate(sku, ▸-1)", "expression-type", "literal whole number", "truncate(text, n)"),
    .init("truncate(sku, ▸count)", "expression-type", "literal whole number", "truncate(text, n)"),
    .init("round(qty, ▸19)", "expression-type", "from 0 to 18", "round(number, n)"),
    .init("round(▸sku, 2)", "expression-type", "round needs a number", "decimal(n)"),
    .init("▸round(qty)", "expression-type", "round takes 2 arguments, not 1", "round(number, n)"),
    .init("▸now(1)", "expression-type", "now takes 0 arguments, not 1", "now()"),
    .init("upper(▸qty)", "expression-type", "upper needs a text, this is a number", "template"),
    .init("trim(▸tags)", "expression-type", "a list can not be given to trim", "join"),
    .init("\"{▸tags}\"", "expression-type", "a list can not be a part of a text", "join"),
    .init("join(▸sku, ',')", "expression-type", "join needs a list", "type list"),
    .init("format(▸sku, 2)", "expression-type", "format needs a date or a number", "decimal(n)"),
    .init("format(since, ▸'HH:mm')", "expression-type", "a date has no time of day", "yyyy"),
    .init("format(since, ▸'YYYY')", "expression-type", "\"YYYY\" means nothing", "yyyy"),
    .init("format(since, ▸sku)", "expression-type", "literal text", "format(date"),
    .init("lookup(sku, ▸name_en)", "expression-type", "literal text", "lookup(text"),
    .init("replace(sku, ▸'', 'x')", "expression-type", "nothing to replace", "'from'"),
    .init("-▸sku", "expression-type", "- needs numbers", "integer"),
  ]

  @Test("Errors point at their place and say what to write", arguments: syntax + names + types)
  func errors(wrong: WrongExpression) {
    do {
      _ = try ExpressionCompiler.compile(wrong.text, scope: testScope())
      Issue.record("\(wrong.text) compiles")
    } catch {
      #expect(error.code == wrong.code)
      #expect(error.offset == wrong.offset)
      #expect(error.cause.contains(wrong.cause), "\(error.cause)")
      #expect(error.remedy.contains(wrong.remedy), "\(error.remedy)")
    }
  }

  @Test("A product of 18 decimals is the finest that compiles")
  func finestProduct() throws {
    let program = try ExpressionCompiler.compile("qty * qty * qty * qty * price", scope: testScope())
    #expect(program.type == .number(scale: 18))
  }

  @Test("Nesting is bounded instead of exhausting the stack")
  func nesting() {
    let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    let templates = String(repeating: "\"{", count: 500) + "1" + String(repeating: "}\"", count: 500)
    let long = "active" + String(repeating: " ? 1 : active", count: 3000)
    for text in [deep, templates, long] {
      do {
        _ = try ExpressionCompiler.compile(text, scope: testScope())
        Issue.record("compiles")
      } catch {
        #expect(error.code == "expression-syntax" && error.cause.contains("nested too deep"))
      }
    }
  }

  @Test("A program needs no more room on the stack than the evaluator has")
  func stack() throws {
    func template(_ holes: Int) -> String { "\"" + String(repeating: "{sku}", count: holes) + "\"" }
    #expect(try ExpressionCompiler.compile(template(256), scope: testScope()).instructions.count == 257)
    for text in [template(257), "\"\(String(repeating: "{qty}", count: 255)){qty + 1}\""] {
      do {
        _ = try ExpressionCompiler.compile(text, scope: testScope())
        Issue.record("compiles")
      } catch {
        #expect(error.code == "expression-too-long")
      }
    }
  }

  @Test("Random texts never do worse than an error", arguments: [11, 12, 13])
  func garbage(seed: UInt64) {
    let pieces = [
      "sku", "qty", "'", "\"", "{", "}", "(", ")", " ", "+", "/", "?", ":", "1", ".", "&&", "file.", "ü", ",",
    ]
    var state = seed
    for _ in 0..<500 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int((state >> 33) % UInt64(pieces.count))]
      }
      do {
        _ = try ExpressionCompiler.compile(text, scope: testScope())
      } catch {
        #expect(error.offset <= text.unicodeScalars.count, "seed \(seed): \(text)")
      }
    }
  }
}
