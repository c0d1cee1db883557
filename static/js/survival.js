// Time until something was seen, as Kaplan-Meier curves with their bands and, under the axis, the numbers at risk.
"use strict";

{
  const LEFT = 46;
  const TOP = 12;
  const LINE = 17;

  // A group is a dash pattern beside its colour, an outcome a shape at the end of its curve.
  const styles = (look, alone) => ({
    all: alone ? { color: look.chart1, width: 2.25, band: true, counted: true }
      : { color: look.ink2, width: 1.5, dash: [9, 3, 1.5, 3], counted: true },
    psychotherapy: { color: look.chart1, width: 2.25, band: true, counted: true },
    none_recorded: { color: look.chart2, width: 2.25, dash: [7, 4], band: true, counted: true },
    re_induction: { color: look.ink3, width: 1.25, dash: [7, 3, 1.5, 3] },
    top_up: { color: look.ink3, width: 1.25, dash: [1.5, 3] },
    response: { color: look.response, width: 2.25, dash: [7, 4], band: true, counted: true, shape: "response" },
    remission: { color: look.remission, width: 2.25, band: true, counted: true, shape: "remission" },
  });

  const counted = (number) => number.toLocaleString("en-US");

  function last(points, day) {
    return points.findLast((point) => point[0] <= day);
  }

  // Everything that depends on the room there is.
  function layout(data, look) {
    const alone = !data.curves.some((curve) => curve.key === "psychotherapy");
    const style = styles(look, alone);
    const curves = data.curves.map((curve) => ({ ...curve, style: style[curve.key] }));
    const rows = curves.filter((curve) => curve.style.counted);
    const until = Math.max(30, ...curves.map((curve) => curve.points.at(-1)[0]));
    const place = (day) => (data.root_scale ? Math.sqrt(day) : day);
    const right = look.narrow ? 16 : 146;
    const wide = look.width - LEFT - right;
    const x = (day) => LEFT + (wide * place(day)) / place(until);
    const rowHeight = look.narrow ? 2 * LINE : LINE;
    return { curves, rows, until, place, right, x, rowHeight, bottom: 24 + LINE + 4 + rows.length * rowHeight };
  }

  // The days whose numbers have room beside each other: the first, then from the last backwards.
  function ticks(data, room, look) {
    const half = (at) => {
      const words = [data.days[at], ...room.rows.map((curve) => curve.at_risk[at])].map(counted);
      return (Math.max(...words.map((each) => each.length)) * look.tiny * 0.6 + 4) / 2;
    };
    const kept = [0];
    const inside = data.days.map((_, at) => at).filter((at) => at && data.days[at] <= room.until);
    for (const at of inside.reverse()) {
      const free = (other) => Math.abs(room.x(data.days[at]) - room.x(data.days[other])) >= half(at) + half(other);
      if (kept.every(free)) kept.push(at);
    }
    return kept.sort((one, other) => one - other);
  }

  // Corners of the band: the interval of each step until the next one, of no height where there is none.
  function band(curve, room) {
    const ends = curve.points.slice(1).flatMap(([until], at) => {
      const [day, share, low, high] = curve.points[at];
      return [day, until].map((when) => [when, low ?? share, high ?? share]);
    });
    const corners = [
      ...ends.map(([day, low]) => [room.place(day), low]),
      ...ends.map(([day, , high]) => [room.place(day), high]).reverse(),
    ];
    return {
      name: `${curve.label}, band`, type: "custom", silent: true, data: [[0, 0]], tooltip: { show: false },
      renderItem: (params, api) => ({
        type: "polygon", silent: true, shape: { points: corners.map((corner) => api.coord(corner)) },
        style: { fill: curve.style.color, opacity: 0.14 },
      }),
    };
  }

  function line(curve, data, room) {
    const start = data.rises ? 0 : 1;
    const points = curve.points.map(([day, share]) => [room.place(day), share]);
    return {
      name: curve.label, type: "line", step: "end", symbol: "none", z: 4, animation: false,
      emphasis: { disabled: true },
      lineStyle: { color: curve.style.color, width: curve.style.width, type: curve.style.dash || "solid" },
      data: points[0][1] === start ? points : [[0, start], ...points],
    };
  }

  function censored(curve, room, look) {
    return {
      name: `${curve.label}, censored`, type: "scatter", silent: true, z: 5, tooltip: { show: false },
      symbol: "rect", symbolSize: [1.25, 8], itemStyle: { color: look.ink2, opacity: 1 },
      data: curve.ticks.map((day) => [room.place(day), last(curve.points, day)[1]]),
    };
  }

  function end(curve, room, look) {
    const [day, share] = curve.points.at(-1);
    return {
      name: `${curve.label}, end`, type: "scatter", silent: true, z: 6, tooltip: { show: false },
      symbol: look.shapes[curve.style.shape], symbolSize: 10,
      itemStyle: { color: curve.style.color, borderColor: look.surface, borderWidth: 1, opacity: 1 },
      data: [[room.place(day), share]],
    };
  }

  // A piece of the line as it is drawn, to stand before its name.
  const sample = (curve, place) => ({
    type: "line", silent: true, shape: { x1: 0, x2: 18, y1: 0, y2: 0 }, ...place,
    style: { stroke: curve.style.color, lineWidth: curve.style.width, lineDash: curve.style.dash || null },
  });

  // Names beside the ends of the curves, from top to bottom, moved apart where they would touch.
  function names(room, look) {
    const apart = 33;
    return {
      name: "Names", type: "custom", silent: true, data: [[0, 0]], tooltip: { show: false },
      renderItem: (params, api) => {
        const { x, y, width, height } = params.coordSys;
        const placed = room.curves
          .map((curve) => ({ curve, y: api.coord([0, curve.points.at(-1)[1]])[1] }))
          .sort((one, other) => one.y - other.y);
        placed.forEach((each, at) => { if (at) each.y = Math.max(each.y, placed[at - 1].y + apart); });
        let lowest = y + height - 12;
        for (const each of [...placed].reverse()) {
          each.y = Math.min(each.y, lowest);
          lowest = each.y - apart;
        }
        const from = x + width + 10;
        const text = (words, row, fill, weight) => ({
          type: "text", silent: true, x: from + 22, y: row,
          style: { text: words, fill, font: `${weight} ${look.tiny}px ${look.font}`, verticalAlign: "middle" },
        });
        return {
          type: "group", silent: true,
          children: placed.flatMap(({ curve, y: middle }) => [
            sample(curve, { x: from, y: middle - 7 }),
            text(curve.label, middle - 7, look.ink, 600),
            text(curve.style.counted ? curve.median : "censored then", middle + 7, look.text, 400),
          ]),
        };
      },
    };
  }

  // The numbers at risk, one row for each curve; on a narrow screen its name and median above them.
  function numbers(data, room, kept, look) {
    const write = (words, left, bottom, style) => ({
      type: "text", silent: true, z: 10, x: left, bottom,
      style: { text: words, fill: look.text, font: `${look.tiny}px ${look.font}`, ...style },
    });
    const heading = room.bottom - 24 - LINE;
    const drawn = [write(look.narrow ? "Days; number at risk" : "At risk", 6, heading, {})];
    room.rows.forEach((curve, row) => {
      const bottom = 2 + (room.rows.length - 1 - row) * room.rowHeight;
      for (const at of kept) {
        drawn.push(write(counted(curve.at_risk[at]), room.x(data.days[at]), bottom, { fill: look.ink, textAlign: "center" }));
      }
      drawn.push(sample(curve, { x: look.narrow ? 6 : look.width - room.right + 10, bottom: bottom + (look.narrow ? LINE : 0) }));
      if (look.narrow) {
        drawn.push(write(`${curve.label}, ${curve.median}`, 28, bottom + LINE, { fill: look.ink }));
      } else {
        drawn.push(write(curve.label, look.width - room.right + 32, bottom, {}));
      }
    });
    return drawn;
  }

  function told(data, room) {
    return (params) => {
      const at = Math.max(0, params[0].axisValue);
      const day = Math.min(Math.floor(data.root_scale ? at * at : at), room.until);
      const lines = room.curves.map((curve) => {
        const stopped = day > curve.points.at(-1)[0];
        return `${curve.label}: ${stopped ? "fewer than 5 at risk" : last(curve.points, day)[4]}`;
      });
      return [`Day ${counted(day)}`, ...lines].join("\n");
    };
  }

  function build(data, look) {
    const room = layout(data, look);
    const kept = ticks(data, room, look);
    const places = kept.map((at) => room.place(data.days[at]));
    const label = new Map(kept.map((at, index) => [places[index], data.days[at]]));
    const banded = room.curves.filter((curve) => curve.style.band);
    const [first, ...others] = room.curves.map((curve) => line(curve, data, room));
    const half = {
      silent: true, symbol: "none", animation: false, label: { show: false },
      lineStyle: { color: look.ink3, type: [2, 3], width: 1 }, data: [{ yAxis: 0.5 }],
    };
    return {
      grid: { left: LEFT, right: room.right, top: TOP, bottom: room.bottom },
      xAxis: {
        type: "value", min: 0, max: room.place(room.until), splitLine: { show: false },
        name: look.narrow ? "" : "days", nameGap: 10,
        nameTextStyle: { color: look.text, fontSize: look.tiny, verticalAlign: "top", padding: [9, 0, 0, 0] },
        axisLine: { lineStyle: { color: look.axis } },
        axisTick: { show: true, customValues: places, lineStyle: { color: look.axis } },
        axisLabel: { customValues: places, color: look.text, fontSize: look.tiny, formatter: (at) => counted(label.get(at)) },
      },
      yAxis: {
        type: "value", min: 0, max: 1, interval: 0.25, axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { color: look.text, fontSize: look.tiny, formatter: (share) => `${100 * share} %` },
        splitLine: { lineStyle: { color: look.grid } },
      },
      tooltip: {
        trigger: "axis", axisPointer: { type: "line", lineStyle: { color: look.line } }, formatter: told(data, room),
      },
      series: [
        ...banded.map((curve) => band(curve, room)),
        { ...first, markLine: half }, ...others,
        ...banded.map((curve) => censored(curve, room, look)),
        ...room.curves.filter((curve) => curve.style.shape).map((curve) => end(curve, room, look)),
        ...(look.narrow ? [] : [names(room, look)]),
      ],
      graphic: numbers(data, room, kept, look),
    };
  }

  for (const id of ["time-to-loss", "time-to-first"]) {
    tidemark.whenever(id, (element) => tidemark.chart(element, build));
  }
}
