// Mean points per item before (open) and after (filled) treatment: each cluster in bold, then its items.
"use strict";

{
  const HIGHEST = 4;
  const size = (row) => (row.cluster ? 6 : 4.25);

  // The line between both means, and behind it the whole row, which the pointer meets.
  function line(known, look) {
    return (params, api) => {
      const { cluster } = known[params.dataIndex];
      const [from, to] = [0, 1].map((end) => api.coord([api.value(end), api.value(2)]));
      const { x, width } = params.coordSys;
      const height = api.size([0, 1])[1];
      return {
        type: "group",
        children: [
          { type: "rect", shape: { x, y: from[1] - height / 2, width, height }, style: { fill: look.surface, opacity: 0 } },
          {
            type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
            style: { stroke: look.chart1, lineWidth: cluster ? 3 : 1.5, opacity: cluster ? 1 : 0.65 },
          },
        ],
      };
    };
  }

  function ends(name, rows, look, of) {
    const open = of === "before";
    return {
      name, type: "scatter", silent: true, z: 4, tooltip: { show: false },
      data: rows.flatMap((row, at) => (row[of] === null ? [] : [{
        value: [row[of], at], symbol: "circle", symbolSize: 2 * size(row),
        itemStyle: {
          color: open ? look.surface : look.chart1, borderColor: look.chart1, borderWidth: open ? (row.cluster ? 2.5 : 1.75) : 0,
          opacity: 1,
        },
      }])),
    };
  }

  function build(data, look) {
    const rows = data.rows;
    const known = rows.filter((row) => row.before !== null);
    const said = (row) => row.words[look.narrow ? 0 : 1];
    const labels = (position, words, margin, align) => ({
      type: "category", inverse: true, position, data: rows.map((_, at) => at), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: {
        interval: 0, margin, align, color: look.ink, fontSize: look.tiny, formatter: (at) => {
          const row = rows[Number(at)];
          return `{${row.cluster ? "strong" : "plain"}|${words(row)}}`;
        },
        rich: {
          strong: { color: look.ink, fontSize: look.tiny, fontWeight: 600 },
          plain: { color: look.text, fontSize: look.tiny },
        },
      },
    });
    const head = { type: "text", silent: true, top: 3, style: { fill: look.text, font: `${look.tiny}px ${look.font}` } };
    const left = look.narrow ? 124 : 136;
    const right = look.narrow ? 40 : 112;
    const name = (row) => (row.cluster ? row.name : `  ${row.name}`);
    return {
      grid: { left, right, top: 22, bottom: 22 },
      xAxis: {
        type: "value", min: 0, max: HIGHEST, interval: 1, axisLabel: { color: look.text, fontSize: look.tiny },
        splitLine: { lineStyle: { color: look.grid } },
      },
      yAxis: [labels("left", name, left - 4, "left"), labels("right", said, right - 4, "right")],
      graphic: [{ ...head, right: 4, style: { ...head.style, text: look.narrow ? "Reduction" : "Reduction (95 % CI)" } }],
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => `${known[dataIndex].name}\n${known[dataIndex].told}`,
      },
      series: [
        {
          name: "Change", type: "custom", encode: { x: [0, 1], y: 2 }, renderItem: line(known, look),
          data: known.map((row) => [row.before, row.after, rows.indexOf(row)]),
        },
        ends("Before", rows, look, "before"),
        ends("After", rows, look, "after"),
      ],
    };
  }

  tidemark.whenever("symptoms", (element) => tidemark.chart(element, build));
}
