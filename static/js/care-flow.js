// Where patients leave: a bar for each step, under it who is not in the next and why; below, what stands beside the way.
"use strict";

{
  // Heights of the parts of a row, in units of the y axis; the chart is as high as the page gives it.
  const BAR = 15;
  const LINE = 14;
  const GAP = 8;
  const HEADING = 26;

  const counted = (number) => number.toLocaleString("en-US");

  // Parts joined by commas, in lines that fit the width.
  function lines(parts, width, pen) {
    const wrapped = [];
    for (const [index, part] of parts.entries()) {
      const text = index < parts.length - 1 ? `${part},` : part;
      const joined = wrapped.length ? `${wrapped.at(-1)} ${text}` : text;
      if (wrapped.length && pen.measureText(joined).width <= width) wrapped[wrapped.length - 1] = joined;
      else wrapped.push(text);
    }
    return wrapped;
  }

  // Where each row, its bar and its lines begin. On a narrow screen the name stands above the bar.
  function layout(rows, look, left) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${look.tiny}px ${look.font}`;
    const above = look.narrow ? LINE + 2 : 0;
    let y = GAP / 2;
    return rows.map((row, index) => {
      const heading = row.beside && !rows[index - 1].beside;
      if (heading) y += HEADING;
      const place = { row, heading, y, bar: y + above, why: lines(row.why, look.width - left, pen) };
      y = place.bar + BAR + place.why.length * LINE + GAP;
      return { ...place, end: y };
    });
  }

  const box = (x, y, width, height, style) => ({ type: "rect", shape: { x, y, width, height, r: 3 }, style });

  // On the way: a bar on a rail. Beside it: an outline for all who are asked, and in it those who have it.
  function bar({ row }, look, { zero, end, most, all, top, height }) {
    if (!row.beside) {
      return [box(zero, top, most - zero, height, { fill: look.sunken }), box(zero, top, end - zero, height, { fill: look.chart1 })];
    }
    const outline = { fill: look.surface, stroke: look.chart6, lineWidth: 1, lineDash: [3, 2] };
    return [
      box(zero, top, Math.max(all - zero, 1), height, outline),
      box(zero, top + height / 4, end - zero, height / 2, { fill: look.chart6 }),
    ];
  }

  function drawn(places, look) {
    const write = (text, x, y, style) => ({
      type: "text", x, y,
      style: { text, fill: look.ink, font: `${look.small}px ${look.font}`, verticalAlign: "middle", ...style },
    });
    const small = { fill: look.text, font: `${look.tiny}px ${look.font}` };
    return (params, api) => {
      const place = places[params.dataIndex];
      const { row } = place;
      const at = (y) => api.coord([0, y])[1];
      const [zero, end, all] = [0, row.n, row.beside ? row.of : 0].map((n) => api.coord([n, 0])[0]);
      const most = params.coordSys.x + params.coordSys.width;
      const top = at(place.bar);
      const height = at(place.bar + BAR) - top;
      const head = look.narrow ? at(place.y + LINE / 2) : top + height / 2;
      const number = look.narrow ? { align: "right" } : {};
      return {
        type: "group", silent: true,
        children: [
          ...(place.heading ? [write("Of those eligible", 0, at(place.y - HEADING / 2), { ...small, font: `600 ${small.font}` })] : []),
          write(row.words, 0, head),
          ...bar(place, look, { zero, end, most, all, top, height }),
          write(row.of_words ?? counted(row.n), look.narrow ? look.width : most + 10, head, { ...number, font: `600 ${look.small}px ${look.font}` }),
          ...place.why.map((line, index) => write(line, zero, at(place.bar + BAR + (index + 0.55) * LINE), small)),
        ],
      };
    };
  }

  function build(data, look) {
    const [left, right] = look.narrow ? [0, 1] : [134, 132];
    const places = layout(data.rows, look, left);
    return {
      grid: { left, right, top: 0, bottom: 0 },
      xAxis: { type: "value", min: 0, max: data.most, show: false },
      yAxis: { type: "value", min: 0, max: places.at(-1).end, inverse: true, show: false },
      series: [{
        name: "Patients", type: "custom", silent: true, clip: false, tooltip: { show: false },
        data: places.map((place) => [place.row.n, place.y]),
        renderItem: drawn(places, look),
      }],
    };
  }

  tidemark.whenever("care-flow", (element) => tidemark.chart(element, build));
}
