import Records
import Streams
import Testing

@testable import Feeds

/// Fields of the expression tests, in the order of their indices.
private let fields: [(name: String, type: ValueType)] = [
  ("sku", .text), ("qty", .number(scale: 4)), ("price", .number(scale: 2)), ("count", .number(scale: 0)),
  ("tags", .list), ("active", .boolean), ("since", .date), ("changed", .datetime), ("name_en", .text),
]

/// A scope with those fields, the capture `sequence`, and the table `t.csv`.
func testScope(allowsOld: Bool = false) -> ExpressionScope {
  ExpressionScope(
    fieldNames: fields.map(\.name), captureNames: ["sequence"],
    oldRefusal: allowsOld ? nil : "old. values exist only in event targets",
    field: { name in
      fields.firstIndex { $0.name == name }.map { ExpressionScope.Field(index: $0, type: fields[$0].type) }
    },
    capture: { $0 == "sequence" ? ExpressionScope.Field(index: 9, type: .text) : nil },
    lookup: { (path: String) throws(SluiceError) -> LookupTable in
      guard path == "t.csv" else { return try ExpressionScope.noLookup(path) }
      return LookupTable(path: path, entries: [])
    })
}

private func compile(_ text: String, allowsOld: Bool = false) throws -> Program {
  try ExpressionCompiler.compile(text, scope: testScope(allowsOld: allowsOld))
}

@Suite struct ExpressionTests {
  @Test("A field compiles to one instruction of its type")
  func field() throws {
    let program = try compile("qty")
    #expect(program == Program(instructions: [.field(1)], type: .number(scale: 4), source: "qty"))
  }

  @Test("A condition chooses between two numbers by jumps")
  func conditional() throws {
    let program = try compile("qty > 0 ? 1 : 0")
    #expect(
      program.instructions == [
        .field(1), .constant(0), .greater, .jumpIfFalse(6), .constant(1), .jump(7), .constant(0),
      ])
    #expect(program.constants == [.number(0, scale: 0), .number(1, scale: 0)])
    #expect(program.type == .number(scale: 0))
  }

  @Test("The narrower number of two branches is widened, whichever side it is on")
  func widening() throws {
    let right = try compile("active ? price : count")
    #expect(
      right.instructions == [
        .field(5), .jumpIfFalse(4), .field(2), .jump(6), .field(3), .round(scale: 2),
      ])
    #expect(right.type == .number(scale: 2))
    let left = try compile("active ? 1 : qty")
    #expect(left.instructions[2...3] == [.constant(0), .round(scale: 4)])
    #expect(try compile("default(count, price)").type == .number(scale: 2))
  }

  @Test("Chains of ?: group to the right")
  func chain() throws {
    let program = try compile("active ? 'a' : count > 1 ? 'b' : 'c'")
    let grouped = try compile("active ? 'a' : (count > 1 ? 'b' : 'c')")
    #expect(program.instructions == grouped.instructions)
  }

  @Test("Templates concatenate their parts and take any value but lists")
  func template() throws {
    let program = try compile("slug(\"{name_en}-{sku}\")")
    #expect(program.instructions == [.field(8), .constant(0), .field(0), .concatenate(3), .slug])
    #expect(program.constants == [.text(Array("-".utf8))])
    #expect(try compile("\"no hole\"").instructions == [.constant(0)])
    #expect(try compile("\"\"").constants == [.text([])])
    #expect(try compile("\"{{{sku}}}\"").constants == [.text([0x7B]), .text([0x7D])])
    #expect(try compile("\"say \"\"{sku}\"\"\"").constants == [.text(Array("say \"".utf8)), .text([0x22])])
    #expect(try compile("\"{active ? 'x}' : \"{sku}!\"}\"").instructions.last == .concatenate(1))
  }

  @Test("Single quotes hold text as it stands, doubled for a quote")
  func literal() throws {
    #expect(try compile("'it''s {sku}'").constants == [.text(Array("it's {sku}".utf8))])
  }

  @Test(
    "Scales of arithmetic: + and - the greater, * the sum, round and negative numbers as written",
    arguments: [
      ("qty + price", 4), ("price - count", 2), ("qty * price", 6), ("round(qty, 1)", 1), ("-qty", 4), ("-1.50", 2),
      ("round(price / count, 4)", 4), ("qty * price * qty", 10), ("round((price / qty), 3)", 3),
    ])
  func scales(text: String, scale: UInt8) throws {
    #expect(try compile(text).type == .number(scale: scale))
  }

  @Test("Division compiles to one instruction with its decimals")
  func division() throws {
    let program = try compile("round(price / count, 4)")
    #expect(program.instructions == [.field(2), .field(3), .divide(scale: 4)])
  }

  @Test(
    "Signs bind as usual",
    arguments: [
      ("1 + 2 * 3", "1 + (2 * 3)"), ("1 - 2 - 3", "(1 - 2) - 3"),
      ("active || active && !active", "active || (active && (!active))"),
      ("qty + 1 > 2 == active", "((qty + 1) > 2) == active"), ("-qty * 2", "(-qty) * 2"),
      ("!active ? 1 : 2", "(!active) ? 1 : 2"), ("active && qty > 1 ? 1 : 2", "(active && (qty > 1)) ? 1 : 2"),
    ])
  func precedence(text: String, grouped: String) throws {
    #expect(try compile(text).instructions == compile(grouped).instructions)
  }

  @Test("&& and || jump over what does not matter")
  func shortCut() throws {
    #expect(
      try compile("active && qty > 0").instructions == [
        .field(5), .jumpIfFalseKeep(5), .field(1), .constant(0), .greater,
      ])
    #expect(try compile("active || active").instructions == [.field(5), .jumpIfTrueKeep(3), .field(5)])
  }

  @Test("default falls back where there is no value")
  func fallback() throws {
    #expect(try compile("default(sku, 'x')").instructions == [.field(0), .jumpIfPresentKeep(3), .constant(0)])
  }

  @Test("null and clear fit every type")
  func nothing() throws {
    #expect(try compile("active ? qty : clear").type == .number(scale: 4))
    #expect(try compile("active ? null : since").type == .date)
    #expect(try compile("clear") == Program(instructions: [.clear], type: .text, source: "clear"))
  }

  @Test(
    "Functions compile to their instructions",
    arguments: [
      ("present(tags)", [Instruction.field(4), .present], ValueType.boolean),
      ("trim(sku)", [.field(0), .trim], .text), ("upper(sku)", [.field(0), .upper], .text),
      ("lower(sku)", [.field(0), .lower], .text),
      ("replace(sku, '-', '')", [.field(0), .constant(0), .constant(1), .replace], .text),
      ("truncate(sku, 255)", [.field(0), .truncate(255)], .text),
      ("format(since, 'dd.MM.yyyy')", [.field(6), .formatDate(0)], .text),
      ("format(changed, \"HH:mm\")", [.field(7), .formatDate(0)], .text),
      ("format(qty, 2)", [.field(1), .formatNumber(scale: 2)], .text),
      ("join(tags, ', ')", [.field(4), .constant(0), .join], .text),
      ("lookup(sku, 't.csv')", [.field(0), .lookup(0)], .text), ("now()", [.now], .datetime),
      ("now() > changed", [.now, .field(7), .greater], .boolean),
    ])
  func functions(text: String, instructions: [Instruction], type: ValueType) throws {
    let program = try compile(text)
    #expect(program.instructions == instructions)
    #expect(program.type == type)
  }

  @Test("Every function of the documentation's list is known to the checker")
  func allFunctions() throws {
    for function in ExpressionFunctions.all {
      #expect(throws: ExpressionError.self) { try compile("\(function.name)(1, 2, 3, 4, 5)") }
      do {
        _ = try compile("\(function.name)(1, 2, 3, 4, 5)")
      } catch let error as ExpressionError {
        #expect(error.code == "expression-type" && error.remedy == "write \(function.usage)")
      }
    }
  }

  @Test("Captures are fields, old values are a separate instruction")
  func captureAndOld() throws {
    #expect(try compile("file.sequence").instructions == [.field(9)])
    let program = try compile("old.qty == 0 && qty > 0", allowsOld: true)
    #expect(program.instructions.first == .old(1))
    #expect(program.oldFields == [1])
    #expect(program.fields == [1])
  }

  @Test("Constants, tables and date patterns that are used twice are kept once")
  func sharing() throws {
    let program = try compile(
      "\"{format(since, 'yyyy')}{format(since, 'yyyy')}{lookup(sku, 't.csv')}{lookup(sku, 't.csv')}{'x'}{'x'}\"")
    #expect(program.datePatterns == ["yyyy"])
    #expect(program.tables.count == 1)
    #expect(program.constants == [.text([0x78])])
  }

  @Test("Jumps of random conditions always lead forward and inside the program", arguments: [1, 2, 3, 4, 5])
  func jumps(seed: UInt64) throws {
    var generator = Generator(state: seed)
    for _ in 0..<200 {
      let text = generator.condition(depth: 4)
      let instructions = try compile(text).instructions
      for (index, instruction) in instructions.enumerated() {
        guard let target = instruction.target else { continue }
        #expect(target > index && target <= instructions.count, "seed \(seed): \(text)")
      }
    }
  }
}

extension Instruction {
  fileprivate var target: Int? {
    switch self {
    case .jump(let target), .jumpIfFalse(let target), .jumpIfFalseKeep(let target), .jumpIfTrueKeep(let target),
      .jumpIfPresentKeep(let target):
      Int(target)
    default: nil
    }
  }
}

/// Random well-typed expressions (xorshift64).
private struct Generator {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  mutating func condition(depth: Int) -> String {
    guard depth > 0 else { return ["active", "true", "present(sku)"][next(below: 3)] }
    return switch next(below: 5) {
    case 0: "(\(condition(depth: depth - 1)) && \(condition(depth: depth - 1)))"
    case 1: "(\(condition(depth: depth - 1)) || \(condition(depth: depth - 1)))"
    case 2: "!\(condition(depth: depth - 1))"
    case 3: "(\(number(depth: depth - 1)) <= \(number(depth: depth - 1)))"
    default: "(\(condition(depth: depth - 1)) ? \(condition(depth: depth - 1)) : \(condition(depth: depth - 1)))"
    }
  }

  mutating func number(depth: Int) -> String {
    guard depth > 0 else { return ["qty", "price", "1", "0.5"][next(below: 4)] }
    return switch next(below: 3) {
    case 0: "(\(number(depth: depth - 1)) + \(number(depth: depth - 1)))"
    case 1: "default(\(number(depth: depth - 1)), \(number(depth: depth - 1)))"
    default: "(\(condition(depth: depth - 1)) ? \(number(depth: depth - 1)) : \(number(depth: depth - 1)))"
    }
  }
}
