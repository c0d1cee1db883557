// PCL-5 at follow-up against baseline: four classes by shape and colour, the diagonal, the lines of reliable change, the end state.
"use strict";

{
  const HIGHEST = 80;
  const SHAPES = { recovered: "remission", improved: "response", unchanged: "none", deteriorated: "worsened" };
  const WORDS = { recovered: "Recovered", improved: "Improved", unchanged: "Unchanged", deteriorated: "Deteriorated" };
  // Side or diameter of a shape of area 1, so that equal counts have equal areas.
  const SIDES = { recovered: Math.SQRT2, improved: 2 / Math.sqrt(Math.PI), unchanged: Math.sqrt(3), deteriorated: Math.SQRT2 };
  const [LEFT, RIGHT, TOP, BOTTOM] = [42, 14, 12, 42];
  // Side of the square in pixels, where there is room; more where the card is higher.
  const SIDE = 440;
  // Square pixels of a mark in it: of one patient, of the most, and the least that can be told by its shape.
  const ONE = 42;
  const LARGEST = 260;
  const SMALLEST = 10;

  const signed = (points) => (points < 0 ? `−${-points}` : points > 0 ? `+${points}` : "0");

  // A square, as large as there is room for.
  function square(look, height) {
    const side = Math.min(look.width - LEFT - RIGHT, height - TOP - BOTTOM);
    return { left: LEFT + (look.width - LEFT - RIGHT - side) / 2, top: TOP, width: side, height: side, outerBoundsMode: "none" };
  }

  function sizes(data, side) {
    const most = Math.max(...Object.values(data.marks).flatMap((marks) => marks.map(([, , n]) => n)));
    const room = Math.min(1, (side / SIDE) ** 2);
    const each = data.cells ? LARGEST / most : Math.min(ONE, (LARGEST * 1.5) / most);
    return (name, n) => {
      const width = SIDES[name] * Math.sqrt(Math.max(SMALLEST, each * n * room));
      return name === "unchanged" ? [width, width / 3] : width;
    };
  }

  function marks(name, data, size, look) {
    return {
      name: WORDS[name], type: "scatter", z: 3, clip: false, symbol: look.shapes[SHAPES[name]],
      symbolSize: ([, , n]) => size(name, n),
      itemStyle: { color: look[SHAPES[name]], opacity: 0.9, borderColor: look.surface, borderWidth: 0.75 },
      emphasis: { scale: false },
      data: data.marks[name],
    };
  }

  // From one side of the square to the other, with words at an end where few patients are.
  function rule(from, to, words, style, position = "insideEndTop") {
    return [{ coord: from, lineStyle: style, label: { formatter: words, position } }, { coord: to }];
  }

  function lines(data, look) {
    const { points, at_most: low } = data;
    const plain = { color: look.ink2, type: "solid", width: 1 };
    const dashed = { color: look.ink3, type: [5, 4], width: 1 };
    const cut = { color: look.cut, type: [2, 3], width: 1.25 };
    return {
      name: "Lines", type: "scatter", data: [], silent: true, z: 2,
      markLine: {
        silent: true, symbol: "none", animation: false,
        label: {
          color: look.text, fontSize: look.tiny, distance: [6, 4],
          textBorderColor: look.surface, textBorderWidth: 3,
        },
        data: [
          rule([0, 0], [HIGHEST, HIGHEST], "No change", plain),
          rule([points, 0], [HIGHEST, HIGHEST - points], `${signed(-points)} points`, dashed),
          rule([0, points], [HIGHEST - points, HIGHEST], `${signed(points)} points`, dashed),
          rule([0, low], [HIGHEST, low], `${low} or less`, cut, "insideStartTop"),
        ],
      },
    };
  }

  function build(data, look, height) {
    const axis = {
      type: "value", min: 0, max: HIGHEST, interval: 20, nameLocation: "middle",
      nameTextStyle: { color: look.text, fontSize: look.tiny },
      axisLine: { show: true, onZero: false, lineStyle: { color: look.axis } }, axisTick: { show: false },
      axisLabel: { color: look.text, fontSize: look.tiny }, splitLine: { lineStyle: { color: look.grid } },
    };
    const grid = square(look, height);
    const size = sizes(data, grid.width);
    return {
      grid,
      xAxis: { ...axis, name: "PCL-5 at baseline", nameGap: 26 },
      yAxis: { ...axis, name: "PCL-5 at follow-up", nameGap: 28 },
      tooltip: {
        trigger: "item",
        formatter: ({ value: [before, after, n], seriesName }) => {
          const where = data.cells ? `around ${Math.round(before)} → ${Math.round(after)}` : `${before} → ${after} (${signed(after - before)})`;
          return `${seriesName}, ${n.toLocaleString("en-US")} ${n === 1 ? "patient" : "patients"}\nBaseline → follow-up ${where}`;
        },
      },
      series: [lines(data, look), ...Object.keys(SHAPES).map((name) => marks(name, data, size, look))],
    };
  }

  const tall = (data, width) => Math.min(width - LEFT - RIGHT, SIDE) + TOP + BOTTOM;

  tidemark.whenever("reliable_change", (element) => {
    tidemark.chart(element, (data, look) => build(data, look, tidemark.charts[element.id].getHeight()), tall);
  });
}
