/* What a page can do beyond being read: filters, lit paths in the graph, everything open on paper. Nothing needs it.
   SPDX-License-Identifier: BSD-2-Clause */
"use strict";
(function () {
	const page = document.querySelector(".page");
	const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
	page.classList.add("scripted");

	/* The language chosen is that of the document, for screen readers and hyphenation. */
	const sayLanguage = () => {
		document.documentElement.lang = document.getElementById("in-ja").checked ? "ja" : "en";
	};
	all("input[name=language]").forEach((input) => input.addEventListener("change", sayLanguage));
	if (/^ja\b/.test(navigator.language || "")) document.getElementById("in-ja").checked = true;
	sayLanguage();

	/* Rows of the alert table by level, set and words. Words are looked for in what the row shows. */
	const filters = document.getElementById("filters");
	if (filters) {
		const rows = all("#alert-rows > tr");
		const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
		const apply = () => {
			const least = Number(filters.elements.level.value);
			const set = filters.elements.set.value;
			const wanted = filters.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
			let shown = 0;
			for (const row of rows) {
				const fits = Number(row.dataset.level) >= least && (!set || row.dataset.set === set) &&
					wanted.every((word) => words.get(row).includes(word));
				row.hidden = !fits;
				shown += fits ? 1 : 0;
			}
			filters.elements.shown.value = shown + " / " + rows.length;
		};
		filters.addEventListener("input", apply);
		filters.addEventListener("submit", (event) => event.preventDefault());
		apply();
	}

	/* A link into something folded opens it. */
	const openTarget = () => {
		const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!target) return;
		target.hidden = false;
		for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
		const own = target.querySelector("details");
		if (own) own.open = true;
		target.scrollIntoView();
	};
	addEventListener("hashchange", openTarget);
	openTarget();

	/* In the graph: the paths of what the pointer or the keyboard is on. */
	all("svg.graph").forEach((svg) => {
		const light = (node) => {
			const id = node && node.dataset.node;
			svg.classList.toggle("lit", Boolean(id));
			all(".on", svg).forEach((element) => element.classList.remove("on"));
			if (!id) return;
			const nodes = new Set([id]);
			all(".edge", svg).forEach((edge) => {
				const path = edge.dataset.path.split(" ");
				if (!path.includes(id)) return;
				edge.classList.add("on");
				path.forEach((part) => nodes.add(part));
			});
			all("[data-node]", svg).forEach((element) => element.classList.toggle("on", nodes.has(element.dataset.node)));
		};
		all(".pick", svg).forEach((node) => {
			node.addEventListener("pointerenter", () => light(node));
			node.addEventListener("focus", () => light(node));
			node.addEventListener("pointerleave", () => light(null));
			node.addEventListener("blur", () => light(null));
		});
	});

	addEventListener("beforeprint", () => all("details").forEach((element) => { element.open = true; }));
})();
