"use strict";

// A chart as uPlot draws it, from the data of ChartData.cs: series that the legend switches, lines to compare with, colors of the page.
const Charts = (() => {
  const font = "12px system-ui, sans-serif";
  const dashes = [[6, 4], [1.5, 3], [12, 4], [3, 6]];
  const increments = Array.from({ length: 25 }, (_, i) => [1, 2, 5].map(digit => Number(`${digit}e${i - 12}`))).flat();

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text ?? "";
    return made;
  };

  // A number beside an axis, with as many decimals as its distance to the next one asks for.
  const tick = (value, step) => {
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return (value !== 0 && (decimals > 5 || Math.abs(value) >= 1e9)
      ? value.toExponential(2).replace(/\.?0+e/, "e")
      : value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })).replace("-", "−");
  };

  // A value that was asked for: five digits of it.
  const exact = value => {
    const size = Math.abs(value);
    const text = Number.isInteger(value) && size < 1e9 ? value.toLocaleString("en-US")
      : size >= 1e6 || (size < 1e-4 && size > 0) ? value.toExponential(3)
      : value.toLocaleString("en-US", { maximumSignificantDigits: 5 });
    return text.replaceAll("-", "−");
  };

  // The rows of uPlot: a position, and the value of each series there, null where it has none. What a series has twice stays two rows.
  const align = series => {
    const next = series.map(() => 0);
    const columns = [[], ...series.map(() => [])];
    for (;;) {
      const x = Math.min(...series.map((line, i) => next[i] < line.x.length ? line.x[next[i]] : Infinity));
      if (x === Infinity) {
        return columns;
      }
      columns[0].push(x);
      series.forEach((line, i) => columns[i + 1].push(line.x[next[i]] === x ? line.y[next[i]++] : null));
    }
  };

  const extent = (low, high, padding, isLogarithmic) => {
    if (!(low <= high)) {
      return isLogarithmic ? [0.1, 1] : [0, 1];
    }
    if (isLogarithmic) {
      const around = Math.pow(high / low, padding) * (high === low ? 2 : 1);
      return [low / around, high * around];
    }
    const around = high > low ? (high - low) * padding : Math.abs(low) / 2 || 1;
    return [low - around, high + around];
  };

  // Each series has a color; a faint one that of the line that follows, which is its average.
  const colorsOf = spec => {
    let next = 0;
    return spec.series.map(series => {
      const name = series.style === "guide" ? "guide" : `series-${next % 8 + 1}`;
      next += series.style === "guide" || series.style === "faint" ? 0 : 1;
      return name;
    });
  };

  const seriesOf = (spec, line, name) => {
    const stroke = () => color(name);
    const isPoints = line.style === "points" || (line.x.length === 1 && !line.labels);
    return {
      label: line.name, stroke, spanGaps: true,
      width: { faint: 0.75, guide: 1.2, points: 0 }[line.style] ?? 2,
      alpha: line.style === "faint" ? 0.25 : 1,
      dash: line.style === "guide" ? dashes[0] : undefined,
      fill: line.outline && spec.series.length < 4 ? () => `color-mix(in srgb, ${color(name)} 9%, transparent)` : undefined,
      paths: line.outline ? uPlot.paths.stepped({ align: 1 }) : isPoints || line.labels ? () => null : undefined,
      points: { show: isPoints && !line.labels, size: 6.5, stroke, fill: () => `color-mix(in srgb, ${color(name)} 75%, transparent)`, width: 0 },
    };
  };

  const widest = (u, texts) => {
    u.ctx.font = font.replace("12", 12 * uPlot.pxRatio);
    return Math.max(...texts.map(text => u.ctx.measureText(text ?? "").width)) / uPlot.pxRatio;
  };

  const namesAxis = names => ({
    splits: (u, _, low, high) => {
      const longest = widest(u, names) > 60 ? 26 : widest(u, names) + 12;
      const step = Math.max(1, Math.ceil(names.length * longest / (u.bbox.width / uPlot.pxRatio || u.width)));
      return names.map((_, i) => i).filter(i => i % step === 0 && i >= low && i <= high);
    },
    values: (u, splits) => splits.map(i => names[i]),
    rotate: u => widest(u, names) > 60 ? -40 : 0,
    size: u => widest(u, names) > 60 ? Math.min(150, widest(u, names) * 0.65 + 30) : 28,
  });

  const axesOf = spec => {
    const whole = spec.series.every(line => line.x.every(Number.isInteger));
    const shared = { font, stroke: () => color("quiet"), grid: { stroke: () => color("grid"), width: 1 }, ticks: { show: false } };
    const values = (u, splits, axis, space, step) => splits.map(value => value === null ? "" : tick(value, u.scales[u.axes[axis].scale].distr === 3 ? value : step));
    return [
      {
        ...shared, scale: "x", space: 68, size: 28, incrs: whole ? increments.filter(step => step >= 1) : increments, values,
        border: { show: true, stroke: () => color("guide"), width: 1 }, label: spec.x, labelFont: font, labelSize: 18, labelGap: 0,
        ...(spec.names ? namesAxis(spec.names) : {}),
      },
      {
        ...shared, scale: "y", space: 34, gap: 8, incrs: increments, values,
        size: (u, texts, axis, cycle) => cycle > 1 ? u.axes[axis]._size : Math.ceil(widest(u, texts ?? [""])) + 14,
      },
    ];
  };

  const scalesOf = get => ({
    x: {
      time: false, distr: get().logX ? 3 : 1,
      range: (u, low, high) => {
        const spec = get();
        const all = u.data[0];
        if (all.length > 0 && (low !== all[0] || high !== all.at(-1))) {
          return [low, high];
        }
        const [first, last] = extent(low, high, spec.series.some(line => line.style === "points") ? 0.04 : 0, spec.logX);
        return [spec.across?.[0] ?? first, spec.across?.[1] ?? last];
      },
    },
    y: {
      distr: get().logY ? 3 : 1,
      range: (u, low, high) => {
        const spec = get();
        const levels = spec.levels.map(level => level.at);
        const [first, last] = extent(Math.min(low ?? Infinity, ...levels), Math.max(high ?? -Infinity, ...levels), 0.06, spec.logY);
        return [spec.upward?.[0] ?? first, spec.upward?.[1] ?? last];
      },
    },
  });

  // What is written into the plot has the background around it, so that lines do not run through it.
  const write = (ctx, text, x, y, align, baseline, fill) => {
    Object.assign(ctx, { textAlign: align, textBaseline: baseline, lineWidth: 4 * uPlot.pxRatio, lineJoin: "round", strokeStyle: color("background"), fillStyle: fill });
    ctx.setLineDash([]);
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
  };

  const line = (ctx, dash, from, to) => {
    Object.assign(ctx, { lineWidth: 1.2 * uPlot.pxRatio, strokeStyle: color("guide") });
    ctx.setLineDash(dash.map(length => length * uPlot.pxRatio));
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };

  // Of the four corners at a level's ends, the one with the fewest points, so that its name hides none.
  const emptiest = (u, y, width) => {
    const height = 20 * uPlot.pxRatio;
    const right = u.bbox.left + u.bbox.width;
    const corners = [[false, false], [false, true], [true, false], [true, true]].map(([isLeft, isBelow]) => {
      const fits = isBelow ? y + height < u.bbox.top + u.bbox.height : y - height > u.bbox.top;
      const hidden = u.data.slice(1).reduce((sum, values, i) => sum + (u.series[i + 1].show ? values : []).filter((value, row) => {
        const [x, at] = value == null ? [NaN, NaN] : [u.valToPos(u.data[0][row], "x", true), u.valToPos(value, "y", true)];
        return (isLeft ? x < u.bbox.left + width : x > right - width) && (isBelow ? at > y - 2 && at < y + height : at < y + 2 && at > y - height);
      }).length, 0);
      return { corner: [isLeft, isBelow], cost: hidden + (fits ? 0 : 1e6) };
    });
    return corners.sort((one, other) => one.cost - other.cost)[0].corner;
  };

  const drawMarks = (u, spec, colors) => {
    const { ctx, bbox } = u;
    const px = uPlot.pxRatio;
    const [right, bottom] = [bbox.left + bbox.width, bbox.top + bbox.height];
    let dash = 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = font.replace("12", 12 * px);
    for (const { at, name } of spec.levels) {
      const y = u.valToPos(at, "y", true);
      line(ctx, dashes[dash++ % 4], [bbox.left, y], [right, y]);
      const [isLeft, isBelow] = emptiest(u, y, ctx.measureText(name).width + 8 * px);
      write(ctx, name, isLeft ? bbox.left + 4 * px : right - 4 * px, y + (isBelow ? 4 : -4) * px, isLeft ? "left" : "right", isBelow ? "top" : "bottom", color("quiet"));
    }
    for (const [i, { at, name }] of spec.moments.entries()) {
      const x = u.valToPos(at, "x", true);
      if (at >= u.scales.x.min && at <= u.scales.x.max) {
        line(ctx, dashes[dash++ % 4], [x, bbox.top], [x, bottom]);
        // Beside the line, on the side that has the space; where none has, across it.
        const width = ctx.measureText(name).width;
        const beside = x + width + 10 * px > right ? x - width - 6 * px : x + 6 * px;
        const start = Math.max(bbox.left + 4 * px, Math.min(beside, right - width - 4 * px));
        write(ctx, name, start, bbox.top + (4 + 17 * (i % 4)) * px, "left", "top", color("quiet"));
      }
    }
    spec.series.forEach((series, i) => {
      if (series.labels && u.series[i + 1].show) {
        ctx.font = font.replace("12", (spec.key.length > 0 ? 12 : 15) * px);
        series.labels.forEach((label, point) => write(
          ctx, label, u.valToPos(series.x[point], "x", true), u.valToPos(series.y[point], "y", true), "center", "middle", color(colors[i])));
      }
    });
    ctx.restore();
  };

  // A button for each series; what labels of points mean beside them.
  const legendOf = (spec, colors, toggle) => {
    const legend = element("div", "legend");
    if (spec.series.length > 1) {
      spec.series.forEach((series, i) => {
        if (series.name === "") {
          return;
        }
        const button = element("button", series.style);
        button.type = "button";
        button.setAttribute("aria-pressed", "true");
        button.style.setProperty("--color", `var(--${colors[i]})`);
        button.append(element("i", ""), element("span", "", series.name));
        button.addEventListener("click", () => button.setAttribute("aria-pressed", String(toggle(i))));
        legend.append(button);
      });
    }
    spec.key.forEach(text => legend.append(element("span", "", text)));
    return legend;
  };

  // Draws a chart into an element, and gives what draws later data of the same series into it.
  const draw = (host, spec) => {
    const colors = colorsOf(spec);
    const box = element("div", "chart");
    const plot = element("div", "plot");
    const whole = element("button", "whole", "show all");
    whole.type = "button";
    whole.hidden = true;
    // Series without a name belong to the one before.
    const legend = legendOf(spec, colors, first => {
      const show = !u.series[first + 1].show;
      u.batch(() => spec.series.forEach((line, i) => (i === first || (i > first && spec.series.slice(first + 1, i + 1).every(({ name }) => name === "")))
        && u.setSeries(i + 1, { show })));
      return show;
    });
    const head = element("div", "head");
    head.append(element("span", "unit", spec.y), whole);
    box.append(legend, head, plot);
    host.append(box);

    const size = () => ({ width: plot.clientWidth, height: Math.round(Math.min(380, Math.max(230, plot.clientWidth * 0.46))) });
    const hover = Hover.of(box, plot, () => spec, colors, { color, element, exact });
    const u = new uPlot({
      ...size(), padding: [8, 26, 0, 0], legend: { show: false }, axes: axesOf(spec), scales: scalesOf(() => spec),
      series: [{}, ...spec.series.map((line, i) => seriesOf(spec, line, colors[i]))],
      cursor: { y: false, drag: { x: true, y: false, dist: 8 }, dataIdx: hover.index, points: hover.points },
      hooks: {
        draw: [u => drawMarks(u, spec, colors)],
        setCursor: [hover.show],
        setScale: [(u, key) => { whole.hidden = key === "x" ? !isZoomed(u) : whole.hidden; }],
      },
    }, align(spec.series), plot);
    hover.attach(u);
    const isZoomed = u => u.data[0].length > 0 && u.scales.x.min != null && u.zoomed === true;
    whole.addEventListener("click", () => { u.zoomed = false; u.setData(u.data); whole.hidden = true; });
    u.over.addEventListener("mouseup", () => { u.zoomed = u.zoomed || u.select.width > 8; }, true);
    u.over.addEventListener("dblclick", () => { u.zoomed = false; whole.hidden = true; });
    new ResizeObserver(() => plot.clientWidth > 0 && plot.clientWidth !== u.width && u.setSize(size())).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => u.redraw(false, true));

    return {
      remove() {
        u.destroy();
        box.remove();
      },
      update(later) {
        spec = later;
        const names = legend.querySelectorAll("button > span");
        spec.series.filter(line => line.name !== "").forEach((line, i) => { if (names[i]) names[i].textContent = line.name; });
        u.setData(align(spec.series), u.zoomed !== true);
        if (u.zoomed === true) {
          // The part that is looked at stays, and is drawn anew.
          u.redraw();
        }
      },
    };
  };

  return { draw };
})();
