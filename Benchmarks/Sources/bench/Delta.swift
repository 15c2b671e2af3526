struct Delta { init(_ p: Place) {}
 func measure() throws -> Findings { Findings("x") } }
