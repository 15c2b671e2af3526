import Feeds
import Streams
import TestSupport
import Testing

@testable import Pipeline

/// What a plan refuses although the definition is right: what the writers can not do.
@Suite("Feed plans")
struct FeedPlanTests {
  /// The code with which the feed with these targets is refused; nil when it is planned.
  private func refusal(_ commerce: String) throws -> String? {
    let project = try TestProject(feeds: [
      "crm": """
      feed: crm
      files: 'CRM_*.csv'
      mode: full
      format: csv
      fields: { email: { from: EMAIL, required: true }, site: SITE, name: NAME }
      key: email
      commerce:
      \(commerce)
      """
    ])
    let loaded = FeedLoader.load(try ProjectLoader.load(directory: project.path("")))
    #expect(loaded.problems == [])
    let feed = try #require(loaded.feeds.first)
    do {
      _ = try FeedPlan(feed)
      return nil
    } catch {
      #expect(error.kind == .definition && error.position != nil)
      return error.code
    }
  }

  @Test("A target has at most as many columns as the writer keeps apart")
  func columns() throws {
    func target(_ count: Int) -> String {
      let columns = (2...count).map { "a\($0): name" }.joined(separator: ", ")
      return "  catalog_product:\n    creates: false\n    columns: { sku: email, \(columns) }"
    }
    #expect(try refusal(target(253)) == nil)
    #expect(try refusal(target(254)) == "too-many-columns")
  }
}
