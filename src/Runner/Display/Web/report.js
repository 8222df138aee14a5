"use strict";

// Draws the charts of a report in the place of their pictures, and marks the section that is being read in the contents.
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  Charts.draw(figure, JSON.parse(figure.querySelector("script").textContent));
  figure.classList.add("live");
}

const links = new Map([...document.querySelectorAll("nav a")].map(link => [link.hash.slice(1), link]));
const mark = () => {
  const line = Math.min(innerHeight / 3, 240);
  const sections = [...document.querySelectorAll("main > section")];
  const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const read = isAtEnd && scrollY > 0 ? sections.at(-1) : sections.findLast(section => section.getBoundingClientRect().top <= line) ?? sections[0];
  for (const [id, link] of links) {
    const isRead = id === read.id;
    if (isRead && link.getAttribute("aria-current") !== "true") {
      const list = link.closest("ol");
      list.scrollTo({ left: link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2 });
    }
    isRead ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
};
if (links.size > 0) {
  addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark);
  mark();
}
