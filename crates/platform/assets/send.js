// Sends the form of this page at once; without script the person presses its button.
const form = document.getElementById('send');
if (form instanceof HTMLFormElement) form.submit();
