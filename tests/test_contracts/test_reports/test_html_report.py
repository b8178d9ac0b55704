"""report.html, read by a parser; tests/…/test_browser opens it in Chromium."""

from html.parser import HTMLParser

import pytest

from duologue.contracts.reports.html_report import html_report


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.inside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"script", "style"} & {*self.inside}:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def test_the_page_refers_to_nothing_outside_it(document):
    page = Page(html_report(document))

    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "srcset", "action", "data", "poster", "style"}
    assert not {"link", "img", "iframe", "object", "base"} & {*page.tags}
    assert "url(" not in html_report(document) and "@import" not in html_report(document)


def test_what_a_target_said_is_text_and_no_markup(document):
    attack = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    finding = broken["findings"][0]
    finding |= dict.fromkeys(("title", "expected", "actual"), attack)
    finding |= {"calls": [attack], "roles": {attack: attack}}
    broken |= {"why": attack, "statement": attack, "source": attack}
    document |= {"target": attack, "left_behind": [attack], "defect": attack}
    page = Page(html_report(document))

    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert page.text.count("<script>alert(1)</script>") >= 8


def test_the_finding_shows_requirement_expected_actual_and_calls(document):
    text = Page(html_report(document)).text

    odd = "\\x00\\x1b[2J\\ud800 </x> ]]> & [bold] \\u202e \\x85 🎂 \\uffff"
    for shown in (f"title {odd}", f"a {odd}", f"b {odd} c", f"curl -X GET {odd} Copy"):
        assert shown in text
    assert "A statement. And more of it." in text
    assert "never answered 2xx: deleteConversation" in text
    assert f"user x {odd}" in text


def test_the_source_is_quoted_with_its_reading(document):
    clause = next(each for each in document["clauses"] if each["verdict"] == "broken")
    clause["source"] = "Conversation properties; readings C2"
    text = Page(html_report(document)).text

    assert "C2" in text and "tolerance" in text and "openapi/READINGS.md#c2" in text


@pytest.mark.parametrize("what", [{"interrupted": True}, {"ended_early": "after 3 failures"}])
def test_a_run_that_is_not_complete_says_so_at_the_top(document, what):
    text = html_report({**document, **what})

    assert 'class="sentence incomplete"' in text
    assert text.index("so ") < text.index("Causes")
