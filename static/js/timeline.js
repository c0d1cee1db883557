// The timeline of one patient: PCL-5 totals over days, infusions in a lane below, and the lines they are judged by.
// The numbers come from clinic/pages/timeline_chart.py and stand in the tables under the chart.
"use strict";

{
  const DAY_MS = 86400000;
  const STEPS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const CLUSTERS = ["B", "C", "D", "E"];
  const WEEK = 7;
  const LANE = 36;
  const LARGEST = 16; // radius of the largest infusion
  const LINE = 14; // height of a line of text

  const minus = (number) => String(number).replace("-", "−");
  const signed = (number) => (number > 0 ? `+${number}` : number < 0 ? minus(number) : "±0");
  const reading = ([x, total, recall, prorated, id, b, c, d, e, day, change, use]) => (
    { x, total, recall, prorated, id, clusters: [b, c, d, e], day, change, use }
  );
  const infusion = ([x, place, course, dose, id]) => ({ x, place, course, dose, id });

  let chosen = { course: null, series: false }; // a course or null for all time; its series alone or all that followed
  let last = null; // what was drawn last: the data and the look

  // Dates are days of the clinic's calendar, so they are counted in UTC, where every day has 24 hours.
  function dateOf(data, x) {
    return new Date(Date.parse(data.origin) + x * DAY_MS);
  }

  function dayWords(date) {
    return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  }

  function fullDay(date) {
    return `${dayWords(date)} ${date.getUTCFullYear()}`;
  }

  // What of the data is shown: the span of a course, of its series or of everything, and the courses that lie in it.
  function viewOf(data, { course, series }) {
    const readings = data.readings.map(reading);
    const infusions = data.infusions.map(infusion);
    const courses = course ? [course] : data.courses;
    const days = [...readings, ...infusions].map((mark) => mark.x);
    const ends = courses.flatMap((one) => (one.primary ? [one.to, one.primary[1]] : [one.to]));
    let [from, to] = course ? [course.from, series ? course.series : course.to] : [Math.min(...days, ...ends), Math.max(...days, ...ends)];
    const room = Math.max(4, Math.round((to - from) * 0.04));
    [from, to] = [from - room, to + room];
    const inside = (mark) => mark.x >= from && mark.x <= to;
    return {
      from, to, courses,
      zero: course ? course.start : 0,
      counted: course ? true : data.counted && data.courses.length < 2,
      readings: readings.filter(inside),
      infusions: infusions.filter(inside),
    };
  }

  // Ticks at round days since the first infusion.
  function ticksOf(view, most) {
    const step = STEPS.find((one) => (view.to - view.from) / one <= most) || STEPS[STEPS.length - 1];
    const ticks = [];
    for (let day = Math.ceil((view.from - view.zero) / step) * step; day + view.zero <= view.to; day += step) {
      ticks.push(day + view.zero);
    }
    return ticks;
  }

  function tickWords(data, view, x) {
    const date = dateOf(data, x);
    if (!view.counted) return `{day|${dayWords(date)}}\n{date|${date.getUTCFullYear()}}`;
    const day = x - view.zero;
    return `${day === 0 ? "{zero|Day 0}" : `{day|${minus(day)}}`}\n{date|${dayWords(date)}}`;
  }

  function readingWords(data, mark) {
    const date = dateOf(data, mark.x);
    const since = dateOf(data, mark.x - mark.recall);
    return [
      `${WEEKDAYS[date.getUTCDay()]} ${fullDay(date)}${mark.day === null ? "" : ` · day ${minus(mark.day)}`}`,
      `PCL-5 ${mark.total}${mark.prorated ? ", prorated" : ""} · ${mark.recall === WEEK ? "weekly" : "monthly"}`,
      CLUSTERS.map((name, at) => `${name} ${mark.clusters[at] ?? "—"}`).join(" · "),
      ...(mark.change === null ? [] : [`${signed(mark.change)} from baseline`]),
      mark.use,
      `Asks about ${dayWords(since)} – ${dayWords(date)}`,
    ].join("\n");
  }

  function infusionWords(data, mark) {
    const dose = mark.dose === undefined ? [] : [mark.dose === null ? "Dose not recorded" : `${mark.dose} mg/kg`];
    return [fullDay(dateOf(data, mark.x)), `Infusion ${mark.place}, course ${mark.course}`, ...dose].join("\n");
  }

  function rect(left, top, right, bottom, style) {
    return { type: "rect", silent: true, shape: { x: left, y: top, width: right - left, height: bottom - top }, style };
  }

  function line(x1, y1, x2, y2, style) {
    return { type: "line", silent: true, shape: { x1, y1, x2, y2 }, style };
  }

  function text(words, x, y, style) {
    return { type: "text", silent: true, style: { text: words, x, y, verticalAlign: "middle", ...style } };
  }

  // The labels at the right, one above the other where their lines lie close together.
  function sideLabels(labels, x, bottom, look) {
    const placed = labels.sort((one, other) => one.y - other.y);
    let free = 0;
    for (const label of placed) {
      label.top = Math.max(free, label.y - LINE / 2);
      free = label.top + label.words.length * LINE + 2;
    }
    let floor = bottom;
    for (const label of placed.toReversed()) {
      label.top = Math.min(label.top, floor - label.words.length * LINE);
      floor = label.top - 2;
    }
    return placed.flatMap((label) => label.words.map((words, at) => text(words, x, label.top + LINE * (at + 0.5), {
      fill: label.strong && !at ? look.ink : look.text, fontSize: look.tiny, fontFamily: look.font,
      fontWeight: label.strong && !at ? 600 : 400,
    })));
  }

  function judged(course, to, at, look) {
    const drawn = [];
    const labels = [];
    const [x, total] = course.baseline;
    const [low, high] = course.band;
    drawn.push(rect(at(x)[0], at(x, high)[1], at(to)[0], at(x, low)[1], { fill: look.ink3, opacity: 0.12 }));
    labels.push({
      y: at(x, high)[1] + LINE / 2,
      words: [`Baseline ${total} ± ${course.reliable}`, "inside the band:", "not reliable change"],
    });
    if (course.response !== null) {
      const [left, y] = at(x, course.response);
      drawn.push(line(left, y, at(to)[0], y, { stroke: look.ink3, lineWidth: 1, lineDash: [2, 3] }));
      labels.push({ y, words: [`${course.response} · response (${course.response_rule})`] });
    }
    return { drawn, labels };
  }

  // Everything behind the marks: window, band, lines, drop lines and their labels.
  function ground(data, view, look, api) {
    const at = (x, y = 0) => api.coord([Math.min(Math.max(x, view.from), view.to), y]);
    const [left, bottom] = at(view.from);
    const [right, top] = at(view.to, data.scale);
    const cut = at(view.from, data.cut)[1];
    const drawn = [rect(left, at(view.from, data.remission)[1], right, bottom, { fill: look.remission, opacity: 0.05 })];
    const labels = [];
    const label = { fontSize: look.tiny, fontFamily: look.font, fontWeight: 600 };
    view.courses.forEach((course, index) => {
      const next = view.courses[index + 1];
      const until = next ? Math.min(next.start, view.to) : view.to;
      if (course.baseline) {
        const against = judged(course, until, at, look);
        drawn.push(...against.drawn);
        if (!next) labels.push(...against.labels);
      }
      if (course.primary) {
        const [opens, closes] = [at(course.primary[0])[0], at(course.primary[1])[0]];
        drawn.push(rect(opens, top, closes, bottom, { fill: look.accent, opacity: 0.1 }));
        drawn.push(line(opens, top, closes, top, { stroke: look.accent, lineWidth: 2 }));
        const words = look.narrow || view.courses.length > 1 ? "Primary" : "Primary window";
        drawn.push(text(words, (opens + closes) / 2, top - 9, { ...label, fill: look.accent, align: "center" }));
      }
      if (view.courses.length > 1) {
        drawn.push(text(`Course ${course.number}`, at(course.start)[0], bottom - 9, { ...label, fill: look.ink }));
      }
    });
    for (const mark of view.infusions) {
      const [x] = at(mark.x);
      drawn.push(line(x, top, x, bottom + LANE / 2, { stroke: look.chart3, lineWidth: 1, opacity: 0.28 }));
    }
    drawn.push(line(left, cut, right, cut, { stroke: look.cut, lineWidth: 1.25, lineDash: [5, 4] }));
    const atCut = data.remission === data.cut;
    labels.push({ y: cut, strong: true, narrow: `Cut ${data.cut}`, words: [`Cut ${data.cut}`, ...(atCut ? ["remission is below"] : [])] });
    if (!atCut) {
      const y = at(view.from, data.remission)[1];
      drawn.push(line(left, y, right, y, { stroke: look.remission, lineWidth: 1.25, lineDash: [5, 4] }));
      labels.push({ y, strong: true, narrow: `Remission < ${data.remission}`, words: [`${data.remission}`, "remission is below"] });
    }
    return { drawn, labels, left, right, top, bottom };
  }

  function groundSeries(data, view, look) {
    const side = { fontSize: look.tiny, fontFamily: look.font, fill: look.text };
    return {
      id: "ground", type: "custom", silent: true, clip: false, z: 1, data: [[view.from, 0]], tooltip: { show: false },
      renderItem: (params, api) => {
        const { drawn, labels, left, right, top, bottom } = ground(data, view, look, api);
        drawn.push(text("PCL-5", look.narrow ? 2 : left - 8, top - 18, { ...side, align: look.narrow ? "left" : "right" }));
        if (look.narrow) {
          for (const label of labels.filter((one) => one.narrow)) {
            const style = { ...side, stroke: look.surface, lineWidth: 3, ...(label.strong ? { fill: look.ink, fontWeight: 600 } : {}) };
            drawn.push(text(label.narrow, left + 4, label.y + (label.strong ? 9 : -8), style));
          }
        } else {
          drawn.push(...sideLabels(labels, right + 8, bottom, look));
          laneWords(data, view).forEach((words, at, all) => {
            drawn.push(text(words, right + 8, bottom + LANE / 2 + LINE * (at - (all.length - 1) / 2), side));
          });
          const below = bottom + LANE + 15;
          (view.counted ? ["days since the", "first infusion"] : []).forEach((words, at) => {
            drawn.push(text(words, right + 24, below + LINE * at, side));
          });
        }
        return { type: "group", children: drawn };
      },
    };
  }

  // How much and how many, beside the lane.
  function laneWords(data, view) {
    if (!view.infusions.length) return [];
    const doses = view.infusions.map((mark) => mark.dose).filter((dose) => dose !== null && dose !== undefined);
    const [least, most] = [Math.min(...doses), Math.max(...doses)];
    const count = view.courses.length === 1 ? view.courses[0].infusions : "";
    const number = `${count || view.infusions.length} ${count === "" && view.infusions.length === 1 ? "infusion" : "infusions"}`;
    if (!doses.length) return [number];
    return [least === most ? `${least} mg/kg` : `${least}–${most} mg/kg`, number];
  }

  function recallSeries(view, look) {
    return {
      id: "recall", type: "custom", silent: true, z: 2, data: view.readings.map((mark) => [mark.x, mark.total, mark.recall]),
      tooltip: { show: false },
      renderItem: (params, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const [from] = api.coord([Math.max(api.value(0) - api.value(2), view.from), 0]);
        return line(from + 3, y, x - 3, y, { stroke: look.chart1, lineWidth: 6, lineCap: "round", opacity: 0.2 });
      },
    };
  }

  function readingSeries(view, look) {
    const comesDown = (at) => at > 0 && view.readings[at - 1].total > view.readings[at].total;
    const points = view.readings.map((mark) => ({
      value: [mark.x, mark.total],
      itemStyle: mark.recall === WEEK
        ? { color: look.surface, borderColor: look.chart1, borderWidth: 2.25 }
        : { color: look.chart1, borderColor: look.surface, borderWidth: 2 },
      mark,
    }));
    const shared = { type: "line", symbol: "circle", cursor: "pointer", clip: false };
    return [
      {
        ...shared, id: "readings", z: 4, symbolSize: 12, showAllSymbol: true, data: points, silent: true,
        lineStyle: { color: look.chart1, width: 2.25, join: "round" },
        label: {
          show: true, position: "top", distance: 5, color: look.ink, fontSize: look.medium, fontWeight: 600,
          fontFamily: look.font, formatter: (params) => String(params.value[1]),
        },
        labelLayout: ({ dataIndex }) => ({ hideOverlap: true, dx: comesDown(dataIndex) ? 9 : 0 }), // beside a line that comes down
      },
      // What a finger or a pointer meets, larger than what is seen.
      {
        type: "scatter", id: "targets", z: 6, symbol: "circle", symbolSize: 26, cursor: "pointer",
        data: points.map((point) => ({ value: point.value, mark: point.mark })),
        itemStyle: { color: look.chart1, opacity: 0 }, emphasis: { itemStyle: { opacity: 0.16 } },
      },
    ];
  }

  function infusionSeries(view, look) {
    const doses = view.infusions.map((mark) => mark.dose || 0);
    const scale = Math.min(11.2, LARGEST / Math.sqrt(Math.max(...doses, 0.01))); // the area is what grows with the dose
    return {
      id: "infusions", type: "scatter", xAxisIndex: 1, yAxisIndex: 1, z: 5, symbol: "circle", clip: false,
      cursor: view.infusions.some((mark) => mark.id) ? "pointer" : "default",
      data: view.infusions.map((mark) => ({
        value: [mark.x, 0],
        symbolSize: mark.dose ? 2 * scale * Math.sqrt(mark.dose) : 12,
        itemStyle: mark.dose === null
          ? { color: look.surface, borderColor: look.chart3, borderWidth: 1.25, borderType: "dashed" }
          : { color: look.chart3, borderColor: look.surface, borderWidth: 1.5, opacity: 0.9 },
        mark,
      })),
    };
  }

  // What a wide chart says at the right stands under a narrow one.
  function narrowWords(view) {
    const { response } = view.courses[view.courses.length - 1];
    return `Days since the first infusion${typeof response === "number" ? `\nDotted: response, ${response} or below` : ""}`;
  }

  function axes(data, view, look) {
    const ticks = ticksOf(view, look.narrow ? 4 : 8);
    const small = { color: look.text, fontSize: look.tiny, fontFamily: look.font, lineHeight: LINE };
    const axis = { type: "value", min: view.from, max: view.to, splitLine: { show: false }, axisTick: { show: false } };
    return {
      xAxis: [
        { ...axis, gridIndex: 0, axisLabel: { show: false }, axisLine: { onZero: false, lineStyle: { color: look.axis } } },
        {
          ...axis, gridIndex: 1, axisLine: { onZero: false, lineStyle: { color: look.axis } },
          axisTick: { show: true, customValues: ticks, length: 5, lineStyle: { color: look.axis } },
          axisLabel: {
            customValues: ticks, hideOverlap: true, margin: 8, formatter: (x) => tickWords(data, view, x),
            rich: { day: small, zero: { ...small, color: look.ink, fontWeight: 600 }, date: { ...small, fontSize: look.tiny - 1 } },
          },
          ...(look.narrow && view.counted
            ? { name: narrowWords(view), nameLocation: "middle", nameGap: 40, nameTextStyle: small } : {}),
        },
      ],
      yAxis: [
        {
          type: "value", gridIndex: 0, min: 0, max: data.scale, interval: data.scale / 4,
          axisLabel: { ...small, margin: 8 }, splitLine: { lineStyle: { color: look.grid } },
          axisLine: { show: false, onZero: false }, axisTick: { show: false },
        },
        { type: "value", gridIndex: 1, min: -1, max: 1, show: false },
      ],
    };
  }

  function build(data, look) {
    last = { data, look };
    const view = viewOf(data, chosen);
    const sides = look.narrow ? { left: 34, right: 12 } : { left: 44, right: 136 };
    const under = look.narrow && view.counted ? 76 : 42;
    return {
      grid: [
        { ...sides, top: 32, bottom: under + LANE, outerBoundsMode: "none" },
        { ...sides, height: LANE, bottom: under, outerBoundsMode: "none" },
      ],
      ...axes(data, view, look),
      tooltip: {
        trigger: "item",
        formatter: ({ data: { mark } }) => (mark.total === undefined ? infusionWords(data, mark) : readingWords(data, mark)),
      },
      series: [groundSeries(data, view, look), recallSeries(view, look), ...readingSeries(view, look), infusionSeries(view, look)],
    };
  }

  function start(element) {
    const range = document.getElementById("timeline-range");
    const data = JSON.parse(document.getElementById(element.dataset.source).textContent);
    chosen = { course: data.courses[data.courses.length - 1] || null, series: false };
    const chart = window.tidemark.chart(element, build);
    chart.on("click", ({ seriesId, data: { mark } = {} }) => {
      const address = seriesId === "infusions" ? data.session : data.form;
      if (mark && mark.id && address) window.location.assign(address.replace("RECORD----------------", mark.id));
    });
    if (!range) return;
    const title = document.getElementById("timeline-title");
    const span = document.getElementById("timeline-span");
    range.addEventListener("click", (event) => {
      const button = event.target.closest("[data-course]");
      if (!button) return;
      for (const other of range.children) other.setAttribute("aria-pressed", String(other === button));
      const course = data.courses[Number(button.dataset.course)] || null;
      chosen = { course, series: "series" in button.dataset };
      title.textContent = (course || data.courses[data.courses.length - 1]).finding;
      span.textContent = course ? `Course ${course.number}, induction.` : "All time.";
      chart.setOption(build(data, last.look), { replaceMerge: ["series", "xAxis", "yAxis", "grid"] });
    });
  }

  window.tidemark.whenever("timeline", start);
}
