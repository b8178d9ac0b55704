document.addEventListener("click", function (event) {
  var button = event.target.closest("button.copy");
  if (!button) { return; }
  var text = button.parentElement.querySelector("code").textContent;
  function done(word) {
    button.textContent = word;
    setTimeout(function () { button.textContent = "Copy"; }, 1500);
  }
  function select() {
    var range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("code"));
    var selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    done(document.execCommand("copy") ? "Copied" : "Selected");
  }
  if (navigator.clipboard) {
    navigator.clipboard.writeText(text).then(function () { done("Copied"); }, select);
  } else {
    select();
  }
});
addEventListener("beforeprint", function () {
  document.querySelectorAll("details").forEach(function (each) { each.open = true; });
});
