// Parts of the setting: shares of infusions with a recorded yes (solid), a recorded no (hatched) and nothing recorded (empty).
"use strict";

{
  const ANSWERS = { yes: "Yes", no: "No", not_recorded: "Not recorded" };
  // A share of less has no room for its number inside the bar.
  const ROOM = { wide: 7, narrow: 13 };

  const looks = (look) => ({
    yes: { color: look.chart1 },
    no: {
      color: look.surface, borderColor: look.chart1, borderWidth: 1,
      decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: look.chart1 },
    },
    not_recorded: { color: look.surface, borderColor: look.lineStrong, borderWidth: 1, borderType: [3, 3] },
  });

  function bar(answer, data, look) {
    const room = look.narrow ? ROOM.narrow : ROOM.wide;
    return {
      name: ANSWERS[answer], type: "bar", stack: "all", barWidth: 24, emphasis: { disabled: true },
      itemStyle: looks(look)[answer],
      label: {
        show: true, position: "inside", fontSize: look.small, fontWeight: 600,
        color: answer === "yes" ? look.surface : look.ink,
        textBorderColor: look.surface, textBorderWidth: answer === "no" ? 4 : 0,
        formatter: ({ dataIndex, value }) => (value >= room ? data.parts[dataIndex].words[answer] : ""),
      },
      data: data.parts.map((part) => part.shares[answer]),
    };
  }

  function build(data, look) {
    return {
      grid: { left: 82, right: 20, top: 4, bottom: 24 },
      xAxis: {
        type: "value", min: 0, max: 100, interval: 25, splitLine: { lineStyle: { color: look.grid } },
        axisLabel: { color: look.text, fontSize: look.tiny, formatter: "{value} %" },
      },
      yAxis: {
        type: "category", inverse: true, data: data.parts.map((part) => part.name),
        axisLine: { lineStyle: { color: look.axis } }, axisTick: { show: false },
        axisLabel: { color: look.ink, fontSize: look.small, margin: 78, align: "left" },
      },
      tooltip: {
        trigger: "axis", axisPointer: { type: "none" },
        formatter: ([{ dataIndex }]) => data.parts[dataIndex].told.replace(": ", "\n").replaceAll("), ", ")\n"),
      },
      series: Object.keys(ANSWERS).map((answer) => bar(answer, data, look)),
    };
  }

  tidemark.whenever("setting", (element) => tidemark.chart(element, build));
}
