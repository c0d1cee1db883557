// Those who came back: what their first course had been, and totals before and at the latest PCL-5 of the courses since.
"use strict";

{
  const HIGHEST = 80;

  const heading = (look, place, words) => ({
    type: "text", silent: true, left: 0, ...place,
    style: { text: words, fill: look.ink, font: `600 ${look.small}px ${look.font}` },
  });

  function outcomes(data, look) {
    return [
      {
        name: "First course", type: "bar", barMaxWidth: 14, silent: true, itemStyle: { borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: "right", color: look.ink, fontSize: look.medium, formatter: ({ value }) => value.toLocaleString("en-US") },
        data: data.outcomes.map((row) => ({ value: row.count, itemStyle: { color: look[row.shape] } })),
      },
      {
        name: "Shape", type: "scatter", silent: true,
        data: data.outcomes.map((row) => ({
          value: 0, symbol: look.shapes[row.shape], symbolSize: row.shape === "none" ? [12, 4] : 11, symbolOffset: [-14, 0],
          itemStyle: { color: look[row.shape], opacity: 1 },
        })),
      },
    ];
  }

  // Before (open) and latest (filled), and beside or (on a narrow screen) above it what it says.
  function total(totals, look) {
    return (params, api) => {
      const row = totals[params.dataIndex];
      const [from, y] = api.coord([row.before, params.dataIndex]);
      const to = api.coord([row.after, params.dataIndex])[0];
      const { x, width } = params.coordSys;
      const style = { fill: look.ink, font: `${look.tiny}px ${look.font}`, verticalAlign: "middle", lineHeight: 16, backgroundColor: look.surface };
      const words = look.narrow
        ? { type: "text", x: 0, y: y - 22, style: { ...style, text: `${row.name}: ${row.words[0]}\n${row.words[1]}` } }
        : { type: "text", x: x + width + 14, y, style: { ...style, text: row.words.join("\n") } };
      return {
        type: "group", silent: true, children: [
          { type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke: look.chart1, lineWidth: 2.5 } },
          { type: "circle", shape: { cx: from, cy: y, r: 4.5 }, style: { fill: look.surface, stroke: look.chart1, lineWidth: 2 } },
          { type: "circle", shape: { cx: to, cy: y, r: 5.5 }, style: { fill: look.chart1 } },
          words,
        ],
      };
    };
  }

  function totals(data, look) {
    return [
      {
        name: "Totals", type: "custom", silent: true, z: 6, xAxisIndex: 1, yAxisIndex: 1, encode: { x: [0, 1], y: 2 },
        data: data.totals.map((row, at) => [row.before, row.after, at]), renderItem: total(data.totals, look),
      },
      {
        name: "Cut", type: "scatter", xAxisIndex: 1, yAxisIndex: 1, data: [], silent: true,
        markLine: {
          silent: true, symbol: "none", animation: false, lineStyle: { color: look.cut, type: [5, 4], width: 1.25 },
          label: { formatter: `Cut ${data.cut}`, color: look.ink, fontSize: look.tiny, fontWeight: 600, position: "start" },
          data: [{ xAxis: data.cut }],
        },
      },
    ];
  }

  // Below the bars: the height of the totals, and from the bottom where they, the cut's name and the heading stand.
  function below(data, look) {
    const height = (look.narrow ? 74 : 44) * data.totals.length;
    return { height, foot: 26, heading: 26 + height + 20 };
  }

  function build(data, look) {
    const names = (rows, margin) => ({
      type: "category", inverse: true, data: rows, axisTick: { show: false },
      axisLabel: { color: look.ink, fontSize: look.small, margin },
    });
    const text = { color: look.text, fontSize: look.tiny };
    const room = below(data, look);
    const known = data.totals.length > 0;
    return {
      grid: [
        { left: look.narrow ? 166 : 176, right: 44, top: 26, bottom: known ? room.heading + 28 : 8 },
        { left: look.narrow ? 8 : 108, right: look.narrow ? 12 : 214, bottom: room.foot, height: known ? room.height : 0 },
      ],
      xAxis: [
        { type: "value", min: 0, axisLabel: { show: false }, splitLine: { show: false } },
        {
          type: "value", min: 0, max: HIGHEST, interval: 20, gridIndex: 1, show: known, splitLine: { lineStyle: { color: look.grid } },
          axisLabel: text,
        },
      ],
      yAxis: [
        { ...names(data.outcomes.map((row) => row.words), 26), axisLine: { lineStyle: { color: look.axis } } },
        { ...names(data.totals.map((row) => row.name), 14), gridIndex: 1, show: known && !look.narrow, axisLine: { show: false } },
      ],
      graphic: [
        heading(look, { top: 4 }, "What the first course had been, patients"),
        ...(known ? [heading(look, { bottom: room.heading }, "PCL-5 total: baseline (open), latest (filled)")] : []),
      ],
      series: [...outcomes(data, look), ...(known ? totals(data, look) : [])],
    };
  }

  tidemark.whenever("retreatment", (element) => tidemark.chart(element, build));
}
