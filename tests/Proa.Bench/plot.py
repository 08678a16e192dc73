"""Draws memory and start time beside tini and dumb-init. usage: plot.py bench.json bench.svg"""

import json
import sys

WIDTH, BAR, GAP, LABEL, NUMBER = 720, 16, 6, 210, 110

CHARTS = [
    ("Resident memory while main sleeps, kB", [
        ("tini", "tini: resident"),
        ("dumb-init", "dumb-init: resident"),
        ("proa, after waiting", "proa: resident"),
        ("proa, of it anonymous", "proa: anonymous"),
    ]),
    ("Start and end of true, wall time, ms", [
        ("true alone", "`true`: wall"),
        ("tini -s -- true", "`tini -s -- true`: wall"),
        ("dumb-init true", "`dumb-init true`: wall"),
        ("proa --no-wait -- true", "`proa --no-wait -- true`: wall"),
        ("an empty NativeAOT program", "floor: NativeAOT, `return 0`: wall"),
    ]),
    ("What waits on proa, ms", [
        ("ready event to main", "ready event to main"),
        ("main's exit to request", "main's exit to shutdown request"),
        ("last event to exit", "last event to exit"),
    ]),
]


def chart(top, title, bars):
    """One chart: the bar is the median; a tick marks the limit, where there is one."""
    lines = [f'<text x="0" y="{top + 12}" class="title">{title}</text>']
    y = top + 22
    largest = max(max(row["median"], row["limit"] or 0) for _, row in bars)
    scale = (WIDTH - LABEL - NUMBER) / largest
    for label, row in bars:
        length = row["median"] * scale
        kind = "ours" if row["what"].lstrip("`").startswith(("proa", "ready", "main", "last")) else "theirs"
        lines.append(f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{label}</text>')
        lines.append(f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" class="{kind}"/>')
        end = length
        if row["limit"]:
            x = LABEL + row["limit"] * scale
            lines.append(f'<path d="M{x:.1f} {y - 2}v{BAR + 4}" class="limit"/>')
            end = max(end, row["limit"] * scale) if row["limit"] * scale - length < 60 else length
        text = f'{row["median"]:.0f}' if row["median"] >= 100 else f'{row["median"]:.1f}'
        lines.append(f'<text x="{LABEL + end + 6:.1f}" y="{y + 12}">{text}</text>')
        y += BAR + GAP
    return lines, y + 16


def main(source, target):
    with open(source) as file:
        measured = json.load(file)
    rows = {row["what"]: row for row in measured["rows"]}
    body, y = [], 4
    for title, bars in CHARTS:
        lines, y = chart(y, title, [(label, rows[name]) for label, name in bars])
        body += lines
    body.append(f'<text x="0" y="{y + 4}" class="small">Medians; a line marks proa\'s limit. {measured["machine"].split(";")[0]}.</text>')
    height = y + 12
    with open(target, "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
            'aria-label="Memory and times of proa beside tini and dumb-init">\n'
            "<style>text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.small{font-size:11px;fill:#57606a}"
            ".ours{fill:#0969da}.theirs{fill:#8c959f}.limit{stroke:#cf222e;stroke-width:2;fill:none}"
            "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.ours{fill:#4493f8}}</style>\n"
            + "\n".join(body) + "\n</svg>\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
