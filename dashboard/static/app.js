// What pages do beyond plain links and forms. Every page works without this file.
(() => {
  "use strict";

  // menus and filters that a phone folds are open on a wide screen
  const wide = window.matchMedia("(min-width: 60.01em)");
  const unfold = () => {
    for (const fold of document.querySelectorAll("details[data-open-when-wide]")) fold.open = wide.matches;
  };
  unfold();
  wide.addEventListener("change", unfold);

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

  // a text that appears on hover or focus can be dismissed without moving either
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
    for (const tip of document.querySelectorAll(".tip:hover, .tip:focus-within")) tip.classList.add("tip-closed");
  });
  const reopen = (event) => event.target.closest?.(".tip-closed")?.classList.remove("tip-closed");
  document.addEventListener("focusout", reopen);
  document.addEventListener("pointerout", reopen);

  // long lists of answers get a box that narrows them
  const narrow = (box) => {
    const words = box.value.trim().toLowerCase();
    for (const row of document.querySelectorAll(`#${CSS.escape(box.dataset.narrows)} > li`)) {
      const isChosen = row.querySelector("input")?.checked;
      row.hidden = !isChosen && !row.textContent.toLowerCase().includes(words);
    }
  };
  const reveal = () => {
    for (const box of document.querySelectorAll("input[data-narrows]")) box.hidden = false;
  };
  reveal();
  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-narrows]")) narrow(event.target);
  });
  // it is no filter of the list: typing in it must not send the form
  const keep = (event) => {
    if (event.target.matches?.("input[data-narrows]")) event.stopPropagation();
  };
  document.addEventListener("change", keep, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[data-narrows]")) event.preventDefault();
  });

  // lists of places come whole, with new numbers, only where they are open
  document.addEventListener("htmx:configRequest", (event) => {
    const open = [...document.querySelectorAll(".facet-place > details[open]")];
    if (event.detail.path.startsWith("/voters?") || event.detail.path === "/voters")
      for (const fold of open) event.detail.formData.append("open", fold.id.replace("facet-", ""));
  });

  // what a reader opened, typed and scrolled to stays so when the server sends the filters again
  let kept = null;
  document.addEventListener("htmx:beforeSwap", () => {
    kept = {
      open: [...document.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]),
      words: [...document.querySelectorAll("input[data-narrows]")].map((box) => [box.id, box.value]),
      scrolled: [...document.querySelectorAll(".choices-long")].map((list) => [list.id, list.scrollTop]),
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (wide.matches) unfold();
    reveal();
    if (!kept) return;
    const found = (id) => document.getElementById(id);
    for (const [id, open] of kept.open) if (found(id)) found(id).open = open;
    for (const [id, words] of kept.words) {
      if (!found(id) || !words) continue;
      found(id).value = words;
      narrow(found(id));
    }
    for (const [id, top] of kept.scrolled) if (found(id)) found(id).scrollTop = top;
    kept = null;
  });

  // a refused or lost request says so; an ended session leads to the sign-in page
  const say = (text) => {
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    const line = document.createElement("p");
    const again = document.createElement("a");
    again.href = window.location.href;
    again.textContent = "Reload the page";
    line.append(`${text} `, again);
    notice.append(line);
    document.getElementById("said")?.replaceChildren(notice);
  };
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401 || status === 403) window.location.reload();
    else say(status >= 500 ? "The exchange could not answer." : "The exchange refused this.");
  });
  document.addEventListener("htmx:sendError", () => say("The exchange cannot be reached."));
  document.addEventListener("htmx:timeout", () => say("This took too long."));
})();
