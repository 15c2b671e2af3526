import Records
import Streams
import Testing

@Suite struct EvaluatorTests {
  private let texts = Texts()
  private let evaluator = Evaluator()
  private let scratch = ByteArena(capacity: 4096, fixed: true)

  private func run(
    _ instructions: [Instruction], _ fields: [Value] = [], old: [Value]? = nil, constants: [Program.Constant] = [],
    tables: [LookupTable] = [], patterns: [String] = [], type: ValueType = .text
  ) throws -> String {
    let program = Program(
      instructions: instructions, constants: constants, tables: tables, datePatterns: patterns, type: type, source: "")
    let row = ValueRow(count: fields.count)
    for (index, value) in fields.enumerated() { row[index] = value }
    var oldRow: ValueRow?
    if let old {
      let row = ValueRow(count: old.count)
      for (index, value) in old.enumerated() { row[index] = value }
      oldRow = row
    }
    scratch.removeAll()
    evaluator.fault = nil
    let compiled = try CompiledProgram(program)
    return withExtendedLifetime(compiled) {
      let value = evaluator.evaluate(
        compiled, fields: row, old: oldRow, now: .datetime(seconds: 86399), scratch: scratch)
      return evaluator.fault.map { "\($0)" } ?? shown(value)
    }
  }

  private func number(_ mantissa: Int64, _ scale: UInt8) -> Value { .number(mantissa, scale: scale) }

  @Test("arithmetic is exact, and null where a number is missing")
  func arithmetic() throws {
    let type = ValueType.number(scale: 4)
    let pair = [number(15, 1), number(-250, 3)]
    #expect(try run([.field(0), .field(1), .add], pair, type: type) == "1.2500")
    #expect(try run([.field(0), .field(1), .subtract], pair, type: type) == "1.7500")
    #expect(try run([.field(0), .field(1), .multiply], pair, type: type) == "-0.3750")
    #expect(try run([.field(0), .field(1), .divide(scale: 4)], pair, type: type) == "-6.0000")
    #expect(try run([.field(1), .negate], pair, type: type) == "0.2500")
    #expect(try run([.field(1), .round(scale: 2)], pair, type: .number(scale: 2)) == "-0.25")
    #expect(try run([.field(1), .round(scale: 1)], pair, type: .number(scale: 1)) == "-0.3")
    for missing in [Value.null, .clear] {
      for step in [Instruction.add, .subtract, .multiply, .divide(scale: 2)] {
        #expect(try run([.field(0), .field(1), step], [number(1, 0), missing], type: type) == "null")
        #expect(try run([.field(0), .field(1), step], [missing, number(0, 0)], type: type) == "null")
      }
    }
    #expect(try run([.field(0), .negate], [.null], type: type) == "null")
    #expect(try run([.field(0), .round(scale: 2)], [.clear], type: type) == "clear")
  }

  @Test("what has no exact result is a fault")
  func faults() throws {
    let type = ValueType.number(scale: 2)
    #expect(
      try run([.field(0), .field(1), .divide(scale: 2)], [number(1, 0), number(0, 3)], type: type) == "divisionByZero")
    #expect(try run([.field(0), .field(0), .multiply], [number(.max, 0)], type: type) == "overflow")
    #expect(try run([.field(0), .negate], [number(.min, 0)], type: .number(scale: 0)) == "overflow")
    #expect(try run([.field(0)] + [.field(0), .add], [number(.max, 0)], type: type) == "overflow")
    #expect(try run([.field(0), .field(1), .add], [number(1, 3), number(0, 0)], type: type) == "tooPrecise")
    #expect(try run([.field(0), .round(scale: 18)], [number(10, 0)], type: .number(scale: 18)) == "overflow")
    #expect(try run([.field(0), .formatNumber(scale: 18)], [number(10, 0)]) == "overflow")
    let long = texts.value(String(repeating: "x", count: 3000))
    #expect(try run([.field(0), .field(0), .concatenate(2)], [long]) == "tooLong")
  }

  @Test("the result has the scale of the expression's type")
  func scale() throws {
    let program: [Instruction] = [.field(0), .jumpIfFalse(4), .constant(0), .jump(5), .constant(1)]
    let constants: [Program.Constant] = [.number(1, scale: 0), .number(5, scale: 1)]
    #expect(try run(program, [.boolean(true)], constants: constants, type: .number(scale: 2)) == "1.00")
    #expect(try run(program, [.boolean(false)], constants: constants, type: .number(scale: 2)) == "0.50")
    #expect(try run(program, [.null], constants: constants, type: .number(scale: 2)) == "0.50")
  }

  @Test("comparison is exact across scales, by bytes for texts, and false without a value")
  func comparison() throws {
    let steps: [Instruction] = [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual]
    func compare(_ left: Value, _ right: Value) throws -> String {
      try steps.map { try run([.field(0), .field(1), $0], [left, right], type: .boolean) }.joined()
    }
    #expect(try compare(number(10, 1), number(1, 0)) == "100101")
    #expect(try compare(number(.max, 0), number(.max, 18)) == "010011")
    #expect(try compare(texts.value("a"), texts.value("b")) == "011100")
    #expect(try compare(texts.value("ä"), texts.value("z")) == "010011")
    #expect(try compare(texts.value(""), texts.value("")) == "100101")
    #expect(try compare(.date(days: 1), .datetime(seconds: 86400)) == "100101")
    #expect(try compare(.datetime(seconds: 5), .date(days: 1)) == "011100")
    #expect(try compare(.boolean(true), .boolean(false)) == "010011")
    #expect(try compare(.null, .null) == "000000")
    #expect(try compare(.clear, texts.value("a")) == "000000")
    #expect(try compare(number(1, 0), .null) == "000000")
  }

  @Test("conditions take null for false and give plain booleans")
  func logic() throws {
    let both: [Instruction] = [.field(0), .jumpIfFalseKeep(3), .field(1)]
    let either: [Instruction] = [.field(0), .jumpIfTrueKeep(3), .field(1)]
    let values: [Value] = [.boolean(true), .boolean(false), .null]
    var table: [String] = []
    for left in values {
      #expect(try run([.field(0), .not], [left], type: .boolean) == (left.isTrue ? "0" : "1"))
      for right in values.dropLast() {
        table.append(try run(both, [left, right], type: .boolean) + run(either, [left, right], type: .boolean))
      }
    }
    #expect(table == ["11", "01", "01", "00", "01", "00"])
  }

  @Test("presence is neither null, nor clear, nor empty")
  func presence() throws {
    let fallback: [Instruction] = [.field(0), .jumpIfPresentKeep(3), .constant(0)]
    for (value, isPresent) in [(Value.null, "0"), (.clear, "0"), (texts.value(""), "0"), (texts.value("x"), "1")] {
      #expect(try run([.field(0), .present], [value], type: .boolean) == isPresent)
      #expect(try run(fallback, [value], constants: [.text([0x64])]) == (isPresent == "1" ? "x" : "d"))
    }
    #expect(try run([.null]) == "null")
    #expect(try run([.clear]) == "clear")
    #expect(try run([.now], type: .datetime) == "1970-01-01 23:59:59")
  }

  @Test("old values are those of the last publication, and null before the first")
  func old() throws {
    let program: [Instruction] = [.old(0), .field(0), .concatenate(2)]
    #expect(try run(program, [texts.value("b")], old: [texts.value("a")]) == "ab")
    #expect(try run(program, [texts.value("b")]) == "b")
  }

  @Test("texts are joined by their canonical form, null and clear as nothing")
  func concatenation() throws {
    let values: [Value] = [texts.value("ü"), .null, number(-50, 2), .clear, .boolean(true), .date(days: 0)]
    let program = (0..<6).map { Instruction.field($0) } + [.concatenate(6)]
    #expect(try run(program, values) == "ü-0.5011970-01-01")
    #expect(try run([.concatenate(0)]) == "")
  }

  @Test("functions of texts")
  func functions() throws {
    let value = texts.value(" Größe 10 ")
    #expect(try run([.field(0), .trim], [value]) == "Größe 10")
    #expect(try run([.field(0), .trim, .upper], [value]) == "GRÖßE 10")
    #expect(try run([.field(0), .trim, .lower], [value]) == "größe 10")
    #expect(try run([.field(0), .slug], [value]) == "grosse-10")
    #expect(try run([.field(0), .truncate(4)], [value]) == " Grö")
    #expect(try run([.field(0), .truncate(0)], [value]) == "")
    #expect(try run([.field(0), .truncate(99)], [value]) == " Größe 10 ")
    for step in [Instruction.trim, .upper, .lower, .slug, .truncate(1)] {
      #expect(try run([.field(0), step], [.null]) == "null")
      #expect(try run([.field(0), step], [.clear]) == "clear")
    }
  }

  @Test("replace takes every occurrence from the left")
  func replacing() throws {
    let program: [Instruction] = [.field(0), .field(1), .field(2), .replace]
    func replace(_ text: String, _ from: String, _ to: String) throws -> String {
      try run(program, [texts.value(text), texts.value(from), texts.value(to)])
    }
    #expect(try replace("a.b.c", ".", "") == "abc")
    #expect(try replace("aaa", "aa", "b") == "ba")
    #expect(try replace("abc", "", "x") == "abc")
    #expect(try replace("", "a", "x") == "")
    #expect(try replace("ab", "abc", "x") == "ab")
    #expect(try replace("aab", "ab", "ö") == "aö")
    #expect(try run(program, [.clear, texts.value("a"), texts.value("b")]) == "clear")
    #expect(try run(program, [texts.value("xax"), texts.value("a"), .null]) == "xx")
  }

  @Test("lists, lookups and formats")
  func others() throws {
    let table = LookupTable(path: "t", entries: [(key: [0x61], value: [0x7A])])
    #expect(try run([.field(0), .lookup(0)], [texts.value("a")], tables: [table]) == "z")
    #expect(try run([.field(0), .lookup(0)], [texts.value("b")], tables: [table]) == "null")
    #expect(
      try run([.field(0), .constant(0), .join], [texts.value("a\u{1F}b\u{1F}c")], constants: [.text([0x2C, 0x20])])
        == "a, b, c")
    #expect(try run([.field(0), .constant(0), .join], [.null], constants: [.text([0x2C])]) == "null")
    #expect(try run([.field(0), .formatDate(0)], [.date(days: 1)], patterns: ["d.M.yyyy HH:mm"]) == "2.1.1970 00:00")
    #expect(try run([.now, .formatDate(0)], patterns: ["HH:mm"]) == "23:59")
    #expect(try run([.field(0), .formatNumber(scale: 1)], [number(-125, 2)]) == "-1.3")
    #expect(try run([.field(0), .formatNumber(scale: 3)], [number(5, 0)]) == "5.000")
    #expect(try run([.field(0), .formatNumber(scale: 3)], [.null]) == "null")
  }

  @Test("fields and constants alone are known for what they are")
  func shortcuts() throws {
    #expect(try CompiledProgram(Program(instructions: [.field(3)], type: .text, source: "x")).plainField == 3)
    #expect(try constantText(.literal("Default")) == "Default")
    #expect(try CompiledProgram(.literal("Default")).plainField == nil)
    let number = Program(
      instructions: [.constant(1)], constants: [.text([0x61]), .number(4, scale: 1)], type: .number(scale: 1),
      source: "0.4")
    #expect(try constantText(number) == "0.4")
    let joined = Program(instructions: [.field(0), .old(1), .concatenate(2)], type: .text, source: "x")
    #expect(try constantText(joined) == nil)
    #expect(try CompiledProgram(joined).usesOld)
    #expect(try CompiledProgram(joined).fields == [0])
  }

  private func constantText(_ program: Program) throws -> String? {
    let compiled = try CompiledProgram(program)
    return withExtendedLifetime(compiled) { compiled.constantText?.text }
  }

  @Test("an expression that needs too many values at a time is refused")
  func tooLong() {
    let program = Program(
      instructions: Array(repeating: .null, count: 300) + [.concatenate(300)], type: .text, source: "…")
    #expect { _ = try CompiledProgram(program) } throws: { ($0 as? SluiceError)?.code == "expression-too-long" }
  }
}
