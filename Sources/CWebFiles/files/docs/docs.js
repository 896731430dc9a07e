// What the page of the API gains by a script: buttons to copy, the address that it came from in the commands, and
// what a link leads to unfolded.
"use strict";

const written = "localhost:8080";
const here = location.protocol === "https:" ? location.origin : location.host;

const status = document.createElement("p");
status.className = "skip";
status.setAttribute("role", "status");
document.body.append(status);

for (const figure of document.querySelectorAll(".command")) {
  const code = figure.querySelector("code");
  if (!code.textContent.startsWith("curl ")) continue;
  code.textContent = code.textContent.replace(written, here);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${code.textContent.slice(0, 60)}`);
  button.addEventListener("click", () => copy(code));
  figure.append(button);
}

async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    status.textContent = "Copied.";
  } catch {
    // Pages that came over plain HTTP from another host may not write there: what is marked can be copied by hand.
    getSelection().selectAllChildren(code);
    status.textContent = "Marked, to be copied with the keyboard.";
  }
}

function unfold() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let place = target; place; place = place.parentElement) {
    if (place instanceof HTMLDetailsElement) place.open = true;
  }
  target.scrollIntoView();
}

// Contents that stand above the text would hide it.
if (matchMedia("(max-width: 56rem)").matches) {
  document.querySelector(".contents details").open = false;
}
addEventListener("hashchange", unfold);
unfold();
