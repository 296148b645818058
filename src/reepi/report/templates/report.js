"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const unpacked = async (text) =>
    new Response(new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();

  // Photographs: their text lies once in the page and becomes a picture when it is about to be seen.
  const places = new Map();
  for (const store of all("script[data-pictures]")) {
    store.dataset.pictures.split(" ").forEach((name, place) => places.set(name, [store, place]));
  }
  const show = (picture) => {
    const found = places.get(picture.dataset.picture);
    if (!found || picture.src) return;
    const lines = found[0].textContent.trim().split("\n");
    picture.src = `data:${picture.dataset.kind};base64,${lines[found[1]]}`;
  };
  const near = new IntersectionObserver((seen) => {
    for (const entry of seen) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      all("img[data-picture]", entry.target).forEach(show);
    }
  }, { rootMargin: "600px" });
  all(".photos").forEach((photos) => near.observe(photos));

  // One key shows and hides the tissues on all photographs.
  const tissues = document.getElementById("show-tissues");
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (!tissues || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "t") tissues.click();
  });

  // What is folded opens for printing, and folds again.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    all("img[data-picture]").forEach(show);
    opened = all("details:not([open], .body3d)");
    opened.forEach((each) => { each.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));

  // Bodies that turn: the program that draws them runs when the first one is opened.
  let drawing = null;
  const plotly = () => {
    drawing ??= unpacked(document.getElementById("plotly").textContent).then((buffer) => {
      const program = document.createElement("script");
      program.textContent = new TextDecoder().decode(buffer);
      document.head.append(program);
      return window.Plotly;
    });
    return drawing;
  };
  const canDraw = () => {
    const context = document.createElement("canvas").getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(context);
  };
  const thirds = (values) => {
    const length = values.length / 3;
    return [0, 1, 2].map((row) => values.slice(row * length, (row + 1) * length));
  };
  const eye = (angle, height, distance = 2.3) =>
    ({ x: distance * Math.sin(angle), y: -distance * Math.cos(angle), z: height });

  const draw = async (panel) => {
    const told = panel.querySelector("[role=status]");
    if (!canDraw()) {
      told.textContent = "This browser draws no 3-D here (WebGL is off). The body charts above show the same.";
      panel.classList.add("undrawn");
      return;
    }
    told.textContent = "Drawing the body …";
    const body = JSON.parse(panel.querySelector("script[data-body]").textContent);
    const surface = document.querySelector(`script[data-surface="${body.surface}"]`).textContent;
    const [program, triangles, corners, ...codes] = await Promise.all([
      plotly(), unpacked(surface), unpacked(body.corners), ...body.visits.map((visit) => unpacked(visit.codes)),
    ]);
    const [i, j, k] = thirds(new Uint32Array(triangles));
    const [x, y, z] = thirds(new Int16Array(corners));
    const faces = codes.map((code) => Float32Array.from(new Uint8Array(code), (value) => value + 0.5));
    const count = body.colours.length;
    const colorscale = body.colours.flatMap((colour, at) => [[at / count, colour], [(at + 1) / count, colour]]);
    const canvas = panel.querySelector(".canvas");
    const state = { angle: 0, height: 0.15, visit: faces.length - 1, drawn: null };
    const pressed = (kind, at) => all(`button[data-${kind}]`, panel)
      .forEach((button) => button.setAttribute("aria-pressed", String(button.dataset[kind] === String(at))));
    const axis = { visible: false, showspikes: false };
    await program.newPlot(canvas, [{
      type: "mesh3d", x, y, z, i, j, k, intensity: faces[state.visit], intensitymode: "cell", colorscale,
      cmin: 0, cmax: count, showscale: false, hoverinfo: "skip",
      lighting: { ambient: 0.72, diffuse: 0.45, specular: 0.04, roughness: 0.9, fresnel: 0.02 },
      lightposition: { x: 40000, y: -90000, z: 60000 },
    }], {
      scene: {
        xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "data", dragmode: "orbit",
        camera: { eye: eye(state.angle, state.height), up: { x: 0, y: 0, z: 1 } },
      },
      margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "#ffffff", showlegend: false,
    }, { displayModeBar: false, responsive: true, scrollZoom: false });
    const turn = () => program.relayout(canvas, { "scene.camera.eye": eye(state.angle, state.height) });
    const choose = (visit) => {
      state.visit = visit;
      pressed("visit", visit);
      told.textContent = `${body.visits[visit].title}: ${body.visits[visit].told}`;
      return program.restyle(canvas, { intensity: [faces[visit]] });
    };
    panel.querySelector(".turns").onclick = (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.turn) state.angle += Number(button.dataset.turn) * Math.PI / 180;
      if (button.dataset.side) state.angle = Number(button.dataset.side) * Math.PI / 180;
      turn();
    };
    panel.querySelector(".choice").onclick = (event) => {
      const button = event.target.closest("button");
      if (button) choose(Number(button.dataset.visit));
    };
    canvas.onkeydown = (event) => {
      const step = { ArrowLeft: -15, ArrowRight: 15 }[event.key];
      if (!step) return;
      event.preventDefault();
      state.angle += step * Math.PI / 180;
      turn();
    };
    await choose(state.visit);
    panel.dataset.drawn = "true";
  };

  // A browser has few 3-D surfaces to give, so one body is open at a time.
  const panels = all("details.body3d");
  for (const panel of panels) {
    panel.addEventListener("toggle", async () => {
      const canvas = panel.querySelector(".canvas");
      if (panel.open) {
        panels.filter((other) => other !== panel).forEach((other) => { other.open = false; });
        await draw(panel);
      } else if (panel.dataset.drawn) {
        (await plotly()).purge(canvas);
        delete panel.dataset.drawn;
      }
    });
  }
})();
