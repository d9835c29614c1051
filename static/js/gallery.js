// The page /examples: its search.

import { mountSearch } from "./search.js";

mountSearch(document);
