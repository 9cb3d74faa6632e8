import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { followTheme } from "./theme";

followTheme();
mount(App, { target: document.body });
