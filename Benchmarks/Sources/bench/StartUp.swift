struct StartUp { init(_ p: Place) {}
 func measure() throws -> Findings { Findings("x") } }
