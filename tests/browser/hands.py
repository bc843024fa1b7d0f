"""How a person works a page: with the mouse or with the keyboard alone, each movement counted.

The time a person needs is estimated by the keystroke-level model (Card, Moran and Newell 1980): a key 0.28 s, pointing
1.1 s, a press of the button 0.1 s, and 1.35 s of thinking before each field and each decision.
"""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

_MOST_TABS = 150
_IN_MAIN = "e => e.closest('main') !== null"
# Where Tab goes on from: what has the focus, or where the address points into the page.
_BEHIND = """e => {
  const focused = document.activeElement;
  const here = focused === document.body ? document.querySelector(location.hash || 'html') : focused;
  return Boolean(here.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING);
}"""
KEY, POINT, PRESS, THINK = 0.28, 1.1, 0.1, 1.35


@dataclass
class Count:
    """What was done so far."""

    keys: int = 0
    clicks: int = 0
    decisions: int = 0

    @property
    def seconds(self) -> float:
        """What a practised person needs for it, in seconds; reading and looking things up not counted."""
        return self.keys * KEY + self.clicks * (POINT + PRESS) + self.decisions * THINK


class Mouse:
    """Points and clicks; types only into fields."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = Count()

    def go(self, target: Locator) -> None:
        """Follow a link or press a button."""
        self._click(target)

    def tick(self, target: Locator) -> None:
        """Tick a box or choose one of several."""
        self._click(target)
        expect(target).to_be_checked()

    def choose(self, target: Locator, value: str) -> None:
        """Choose from a list that opens."""
        self.count.clicks += 2
        self.count.decisions += 1
        target.select_option(value)

    def fill(self, target: Locator, text: str) -> None:
        """Type over what stands in a field."""
        self._click(target)
        target.fill(text)
        self.count.keys += len(text)

    def _click(self, target: Locator) -> None:
        target.click()
        self.count.clicks += 1
        self.count.decisions += 1


class Keyboard:
    """Never touches the mouse: what Tab does not reach cannot be used."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = Count()

    def go(self, target: Locator) -> None:
        """Follow a link or press a button."""
        self._reach(target)
        self._press("Enter")

    def tick(self, target: Locator) -> None:
        """Tick a box, or choose one of several with the arrows."""
        if target.get_attribute("type") == "radio":
            name = target.get_attribute("name")
            self._reach(target, f"input[name={name}]")
            self._press("Space")
            for _each in range(target.locator(f"xpath=ancestor::form//input[@name='{name}']").count()):
                if target.is_checked():
                    break
                self._press("ArrowDown")
        else:
            self._reach(target)
            self._press("Space")
        expect(target).to_be_checked()

    def choose(self, target: Locator, value: str) -> None:
        """Choose from a list with the arrows."""
        self._reach(target)
        for _each in range(target.locator("option").count()):
            if target.input_value() == value:
                return
            self._press("ArrowDown")
        assert target.input_value() == value

    def fill(self, target: Locator, text: str) -> None:
        """Type into a field; what stands in it is selected by Tab and typed over."""
        self._reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        self.count.keys += len(text) + 1

    def _press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count.keys += 1

    def _reach(self, target: Locator, like: str = "") -> None:
        """Press Tab until the focus is on ``target``, or on what matches ``like``."""
        expect(target).to_be_attached()
        self.count.decisions += 1
        there = "e => document.activeElement === e" + (f" || document.activeElement.matches('{like}')" if like else "")
        step = "Shift+Tab" if target.evaluate(_BEHIND) else "Tab"
        for _each in range(_MOST_TABS):
            if target.evaluate(there):
                return
            self._press(step)
            if self.page.evaluate("document.activeElement.matches('.skip')") and target.evaluate(_IN_MAIN):
                self._press("Enter")
        raise AssertionError(f"not reached by Tab on {self.page.url}: {target}")
