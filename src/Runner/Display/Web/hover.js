"use strict";

// What the cursor is over, by mouse, touch or arrow keys: the values there, in a box beside it, and read aloud where keys have moved it.
const Hover = (() => {
  const mostRows = 12;

  // The row with a value of the series that is nearest to a position: of an outline the bin that it lies in.
  const nearest = (x, y, position, row, isOutline) => {
    let [before, after] = [row, row + 1];
    while (before >= 0 && (y[before] == null || (isOutline && x[before] > position))) {
      before--;
    }
    if (isOutline) {
      return before < 0 ? null : before;
    }
    while (after < x.length && y[after] == null) {
      after++;
    }
    const hasBefore = before >= 0;
    const hasAfter = after < x.length;
    return !hasBefore && !hasAfter ? null
      : !hasAfter || (hasBefore && position - x[before] <= x[after] - position) ? before
      : after;
  };

  // Of points in a plane, the one that is nearest on the screen.
  const nearestPoint = (u, spec) => {
    let found = null;
    let least = 40;
    spec.series.forEach((series, i) => {
      if (series.style === "points" && u.series[i + 1].show) {
        u.data[i + 1].forEach((value, row) => {
          if (value != null) {
            const distance = Math.hypot(u.valToPos(u.data[0][row], "x") - u.cursor.left, u.valToPos(value, "y") - u.cursor.top);
            [found, least] = distance < least ? [{ series: i, row }, distance] : [found, least];
          }
        });
      }
    });
    return found;
  };

  const of = (box, plot, get, colors, { color, element, exact }) => {
    const tip = element("div", "tip");
    tip.hidden = true;
    const said = element("div", "said");
    said.setAttribute("aria-live", "polite");
    box.append(said);
    const isPlane = !get().names && get().series.every(series => series.style === "points" || series.style === "guide");
    let point = null;
    let isByKey = false;

    const index = (u, series, row, position) => {
      const spec = get();
      if (series === 0) {
        point = isPlane ? nearestPoint(u, spec) : null;
        return row;
      }
      if (isPlane) {
        return point?.series === series - 1 ? point.row : null;
      }
      return spec.series[series - 1].style === "guide" ? null
        : nearest(u.data[0], u.data[series], position, row, spec.series[series - 1].outline);
    };

    const labelOf = (series, row, u) => {
      const i = series.labels ? series.x.findIndex((x, i) => x === u.data[0][row] && series.y[i] === u.data[get().series.indexOf(series) + 1][row]) : -1;
      return i < 0 ? series.name : series.labels[i];
    };

    // Name, value and color of what is shown there; the nearest to the cursor where it is too much.
    const rowsOf = u => get().series
      .map((series, i) => ({ series, i, row: u.cursor.idxs[i + 1] }))
      .filter(({ series, i, row }) => row != null && series.name !== "" && u.series[i + 1].show && u.data[i + 1][row] != null)
      .map(({ series, i, row }) => ({ name: labelOf(series, row, u), value: u.data[i + 1][row], x: u.data[0][row], color: colors[i], style: series.style }))
      .map(row => ({ ...row, distance: Math.abs(u.valToPos(row.value, "y") - u.cursor.top) }))
      .sort((one, other) => one.distance - other.distance).slice(0, mostRows)
      .sort((one, other) => other.value - one.value);

    const headOf = (u, rows) => {
      const spec = get();
      const isOutline = spec.series.some(series => series.outline);
      const x = isOutline ? u.posToVal(u.cursor.left, "x") : isPlane || rows.length === 1 ? rows[0].x : u.data[0][u.cursor.idx];
      return spec.names ? spec.names[Math.round(x)] ?? "" : `${spec.x} ${exact(isOutline ? Number(x.toPrecision(3)) : x)}`;
    };

    const show = u => {
      const rows = u.cursor.idx == null || u.cursor.left < 0 ? [] : rowsOf(u);
      tip.hidden = rows.length === 0;
      if (rows.length === 0) {
        return;
      }
      const head = headOf(u, rows);
      tip.replaceChildren(element("div", "", head), ...rows.map(row => {
        const line = element("div", row.style);
        line.style.setProperty("--color", `var(--${row.color})`);
        line.append(element("i", ""), element("span", "", row.name), element("b", "", exact(row.value)));
        return line;
      }));
      const [width, left] = [tip.offsetWidth, u.cursor.left];
      const beside = left + 16 + width > u.over.clientWidth + 10 ? left - 16 - width : left + 16;
      tip.style.left = `${Math.max(-40, Math.min(beside, u.over.clientWidth + 10 - width))}px`;
      tip.style.top = `${Math.max(0, Math.min(u.cursor.top - tip.offsetHeight / 2, u.over.clientHeight - tip.offsetHeight))}px`;
      if (isByKey) {
        said.textContent = [head, ...rows.map(row => `${row.name} ${exact(row.value)}`)].join(", ");
      }
    };

    // Of points in a plane, those to the right and to the left.
    const moveToPoint = (u, key) => {
      const shown = u.data[0].map((x, row) => ({ x, series: u.data.findIndex((column, i) => i > 0 && u.series[i].show && column[row] != null && get().series[i - 1].style === "points"), row }))
        .filter(({ series }) => series > 0);
      const last = shown.findIndex(({ row, series }) => row === point?.row && series === point?.series + 1);
      const to = shown[{ ArrowLeft: Math.max(0, last - 1), ArrowRight: Math.min(shown.length - 1, last + 1), Home: 0, End: shown.length - 1 }[key]];
      return to && { left: u.valToPos(to.x, "x"), top: u.valToPos(u.data[to.series][to.row], "y") };
    };

    const moveAcross = (u, key) => {
      const width = u.over.clientWidth;
      const left = u.cursor.left < 0 ? 0 : u.cursor.left;
      const step = get().names ? width / Math.max(1, get().names.length) : Math.max(1, width / 100);
      const to = { ArrowLeft: left - step, ArrowRight: left + step, Home: 0, End: width }[key];
      return to !== undefined && { left: Math.max(0, Math.min(to, width)), top: u.cursor.top < 0 ? u.over.clientHeight / 2 : u.cursor.top };
    };

    const move = (u, key) => {
      const to = key === "Escape" ? { left: -10, top: -10 } : isPlane ? moveToPoint(u, key) : moveAcross(u, key);
      if (to) {
        isByKey = true;
        u.setCursor(to, true);
        isByKey = false;
      }
      return Boolean(to);
    };

    const attach = u => {
      u.over.append(tip);
      const spec = get();
      plot.tabIndex = 0;
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-roledescription", "chart");
      plot.setAttribute("aria-label", `${spec.title}: ${spec.y} over ${spec.x}; arrow keys read its values`);
      plot.addEventListener("keydown", event => {
        if (move(u, event.key)) {
          event.preventDefault();
        }
      });
      plot.addEventListener("blur", () => move(u, "Escape"));
    };

    const points = {
      size: (u, series) => get().series[series - 1].outline ? 0 : 7,
      fill: (u, series) => color(colors[series - 1]),
      stroke: () => color("background"),
      width: 1.5,
    };
    return { index, show, attach, points };
  };

  return { of };
})();
