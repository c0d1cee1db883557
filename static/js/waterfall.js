// Change of each patient, most improved first: a bar with the shape of its class at its end. Of many, a curve over the ranks.
"use strict";

{
  const STEP = 20;
  const WORDS = { remission: "remission", response: "response, not remission", none: "no response", worsened: "worsened" };

  const signed = (points) => (points < 0 ? `−${-points}` : points > 0 ? `+${points}` : "0");

  const counted = (number) => number.toLocaleString("en-US");

  function range(changes, references) {
    const all = [...changes, ...references.map((line) => line.at)];
    return {
      min: Math.floor((Math.min(...all) - 4) / STEP) * STEP,
      max: Math.ceil((Math.max(...all) + 4) / STEP) * STEP,
    };
  }

  function frame(data, changes, look) {
    const right = look.narrow ? 12 : 88;
    const note = { type: "text", silent: true, style: { fill: look.text, font: `${look.tiny}px ${look.font}` } };
    return {
      grid: { left: 40, right, top: 12, bottom: 28 },
      yAxis: {
        type: "value", ...range(changes, data.references), interval: STEP,
        axisLabel: { color: look.text, fontSize: look.tiny, formatter: signed },
        splitLine: { lineStyle: { color: look.grid } },
      },
      graphic: [
        { ...note, left: 40, bottom: 4, style: { ...note.style, text: "Most improved" } },
        { ...note, right, bottom: 4, style: { ...note.style, text: "Least improved" } },
      ],
    };
  }

  function lines(data, look) {
    return {
      silent: true, symbol: "none", animation: false,
      lineStyle: { color: look.ink3, type: [2, 3], width: 1 },
      label: {
        color: look.text, fontSize: look.tiny, position: look.narrow ? "insideEndTop" : "end",
        textBorderColor: look.surface, textBorderWidth: look.narrow ? 3 : 0,
      },
      data: data.references.map((line) => ({ yAxis: line.at, label: { formatter: line.words } })),
    };
  }

  const axis = (look) => ({
    axisLabel: { show: false }, axisTick: { show: false }, axisLine: { lineStyle: { color: look.ink2 } },
    splitLine: { show: false },
  });

  function bars(data, look) {
    const room = (look.width - (look.narrow ? 52 : 128)) / data.bars.length;
    const mark = Math.max(3, Math.min(8, room * 0.95));
    const changes = data.bars.map(([change]) => change);
    return {
      ...frame(data, changes, look),
      xAxis: { type: "category", data: data.bars.map((_, rank) => rank + 1), ...axis(look) },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "line", lineStyle: { color: look.line } },
        formatter: ([{ dataIndex }]) => {
          const [change, kind] = data.bars[dataIndex];
          return `${signed(change)} points, ${WORDS[kind]}\nRank ${dataIndex + 1} of ${data.n}`;
        },
      },
      series: [
        {
          name: "Change", type: "bar", barCategoryGap: room > 4 ? "22%" : "5%", barMaxWidth: 28, barMinHeight: 1,
          emphasis: { disabled: true },
          data: data.bars.map(([value, kind]) => ({ value, itemStyle: { color: look[kind] } })),
          markLine: lines(data, look),
        },
        {
          name: "Class", type: "scatter", silent: true, z: 3, tooltip: { show: false },
          data: data.bars.map(([value, kind]) => ({
            value,
            symbol: look.shapes[kind],
            symbolSize: kind === "none" ? [mark, mark / 3] : mark,
            symbolOffset: [0, value > 0 ? -mark : mark],
            itemStyle: { color: look[kind], opacity: 1 },
          })),
        },
      ],
    };
  }

  function part(name, color, points) {
    return {
      name, type: "line", symbol: "none", color, lineStyle: { width: 2 }, areaStyle: { opacity: 0.15 },
      emphasis: { disabled: true }, data: points,
    };
  }

  function curve(data, look) {
    const worse = data.references[0].at;
    const from = data.curve.findIndex(([, change]) => change >= worse);
    const worsened = from < 0 ? [] : data.curve.slice(from);
    return {
      ...frame(data, data.curve.map(([, change]) => change), look),
      xAxis: { type: "value", min: 1, max: data.n, ...axis(look) },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "line", lineStyle: { color: look.line } },
        formatter: ([{ value }]) => `${signed(value[1])} points\nRank ${counted(value[0])} of ${counted(data.n)}`,
      },
      series: [
        { ...part("Change", look.chart1, data.curve), markLine: lines(data, look) },
        part("Worsened", look.worsened, worsened),
      ],
    };
  }

  function build(data, look) {
    if (data.bars) return bars(data, look);
    return data.curve ? curve(data, look) : {};
  }

  tidemark.whenever("waterfall", (element) => tidemark.chart(element, build));
}
