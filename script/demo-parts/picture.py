"""Draws what the users saw as one self-contained SVG: the traffic share of each version above, errors a second below, on one
axis of time; a bar says how long each verb took."""
from collections import Counter
from html import escape

WIDTH, HEIGHT = 1160, 640
LEFT, RIGHT = 76, 24
SHARES = (140, 280)  # top and height of the panels
ERRORS = (452, 130)
BIN = 0.25           # seconds that are counted together
PALETTE = ['#4e79a7', '#59a14f', '#f28e2b', '#b07aa1', '#76b7b2']
OWN, LOST = '#d62728', '#111111'
STYLE = '''text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #333 }
.title { font-size: 20px; font-weight: 600 } .bold { font-weight: 600 } .soft { fill: #666 }
.axis { stroke: #888 } .grid { stroke: #000; stroke-opacity: .12 } .band { fill: #000; fill-opacity: .05 }
.note { stroke: #fff; stroke-width: 4px; paint-order: stroke }
.mark { stroke: #333; stroke-dasharray: 4 3 } .verdict { stroke: #d62728; stroke-width: 1.5 }'''


def text(x, y, words, style='', anchor='start'):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(words)}</text>'


def upright(x, y, words):
    return f'<text transform="translate({x} {y:.1f}) rotate(-90)" class="soft" text-anchor="middle">{escape(words)}</text>'


def line(x1, y1, x2, y2, style):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def box(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def step_of(most, ticks):
    """A round distance (1, 2 or 5 times a power of ten) between at most that many ticks up to `most`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if most / (power * factor) <= ticks:
                return power * factor
        power *= 10


class Picture:
    def __init__(self, requests, verbs):
        self.begin = verbs[0].begin
        self.span = max(requests[-1].at, verbs[-1].end) - self.begin
        self.parts = []

    def x(self, at):
        return LEFT + (at - self.begin) / self.span * (WIDTH - LEFT - RIGHT)

    def bin_of(self, at):
        return int((at - self.begin) / BIN)

    def edge(self, number):
        return self.x(min(self.begin + number * BIN, self.begin + self.span))

    def add(self, *parts):
        self.parts.extend(parts)

    def bands(self, verbs):
        top, bottom = ERRORS[0], ERRORS[0] + ERRORS[1]
        for verb in verbs:
            left, right = self.x(verb.begin), self.x(verb.end)
            self.add(f'<rect x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{bottom - top}" class="band"/>')

    def marks(self, verbs):
        top, bottom = SHARES[0], ERRORS[0] + ERRORS[1]
        for verb in verbs:
            left, right = self.x(verb.begin), self.x(verb.end)
            self.add(line(left, top - 42, left, bottom, 'mark'))
            self.add(box(left, top - 8, max(right - left, 1), 4, '#333'))
            self.add(text(left + 5, top - 31, verb.words.split(' --')[0], 'bold'))
            self.add(text(left + 5, top - 15, f'exit {verb.code}', 'soft'))

    def shares(self, requests, colours):
        top, height = SHARES
        counts = {}
        for request in requests:
            counts.setdefault(self.bin_of(request.at), Counter())[request.version] += 1
        low = {number: 0 for number in counts}
        for version, colour in colours.items():
            outline = []
            for number, answers in sorted(counts.items()):
                total = sum(answers[known] for known in colours)
                high = low[number] + (answers[version] / total if total else 0)
                if high > low[number]:
                    outline.append((self.edge(number), self.edge(number + 1), low[number], high))
                low[number] = high
            corners = ''.join(f'M{left:.1f} {top + height * (1 - below):.1f}V{top + height * (1 - above):.1f}H{right:.1f}'
                              f'V{top + height * (1 - below):.1f}Z' for left, right, below, above in outline)
            self.add(f'<path d="{corners}" fill="{colour}" stroke="{colour}" stroke-width="0.4"/>')
        for percent in (0, 25, 50, 75, 100):
            y = top + height * (1 - percent / 100)
            self.add(line(LEFT, y, WIDTH - RIGHT, y, 'grid'), text(LEFT - 8, y + 4, f'{percent} %', 'soft', 'end'))
        self.add(upright(16, top + height / 2, 'share of the answers'))

    def errors(self, own, lost):
        top, height = ERRORS
        counts = [Counter(self.bin_of(request.at) for request in group) for group in (own, lost)]
        most = max([(counts[0][number] + counts[1][number]) / BIN for number in set().union(*counts)] + [5])
        step = step_of(most, 4)
        scale = height / (most * 1.1)
        for number in sorted(set().union(*counts)):
            low = top + height
            for count, colour in zip(counts, (OWN, LOST)):
                part = count[number] / BIN * scale
                low -= part
                left = self.edge(number)
                self.add(box(left, low, self.edge(number + 1) - left, part, colour))
        for value in range(0, int(most) + 1, step):
            y = top + height - value * scale
            self.add(line(LEFT, y, WIDTH - RIGHT, y, 'grid'), text(LEFT - 8, y + 4, str(value), 'soft', 'end'))
        self.add(upright(16, top + height / 2, 'errors a second'))

    def time(self):
        bottom = ERRORS[0] + ERRORS[1]
        self.add(line(LEFT, bottom, WIDTH - RIGHT, bottom, 'axis'))
        for second in range(0, int(self.span) + 1, step_of(self.span, 12)):
            x = self.x(self.begin + second)
            self.add(line(x, bottom, x, bottom + 5, 'axis'), text(x, bottom + 20, f'{second} s', 'soft', 'middle'))

    def verdicts(self, notes):
        top, bottom = SHARES[0], ERRORS[0] + ERRORS[1]
        for at, words in notes:
            x = self.x(at)
            is_near_the_end = x > WIDTH * 0.65
            side, anchor = (-8, 'end') if is_near_the_end else (8, 'start')
            self.add(line(x, top, x, bottom, 'verdict'), text(x + side, ERRORS[0] - 12, words, 'note', anchor))

    def legend(self, entries):
        x = WIDTH - RIGHT
        for words, colour in reversed(entries):
            x -= 6.8 * len(words) + 36
            self.add(box(x, 28, 12, 12, colour), text(x + 18, 38, words))


def draw(requests, verbs, lost, own, notes):
    """The SVG's text. `lost` and `own` are the requests that nobody answered well, and those that the bad version answered
    with an error; `notes` are moments with words: (seconds, what)."""
    versions = sorted({request.version for request in requests if request.version})
    colours = {version: PALETTE[number % len(PALETTE)] for number, version in enumerate(versions)}
    picture = Picture(requests, verbs)
    picture.bands(verbs)
    picture.shares(requests, colours)
    picture.errors(own, lost)
    picture.time()
    picture.marks(verbs)
    picture.verdicts(notes)
    picture.legend([*colours.items(), ('errors of a bad version', OWN), (f'lost requests: {len(lost)}', LOST)])
    rate = len(requests) / (requests[-1].at - requests[0].at + 0.001)
    summary = f'{len(requests):,} requests, {rate:.0f} a second: {len(lost)} lost, {len(own)} answered with an error by a bad version'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
    return '\n'.join([head, f'<title>{escape(summary)}</title>', f'<style>{STYLE}</style>', box(0, 0, WIDTH, HEIGHT, '#ffffff'),
                      text(LEFT, 40, 'What the users of the shop saw', 'title'), text(LEFT, 62, summary, 'soft'),
                      *picture.parts, '</svg>', ''])
