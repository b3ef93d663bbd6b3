// Offers to look closer at the pictures of a page. Without this file they are the server's, and as complete.

import { offerToLookCloser } from "./picture/closer";

offerToLookCloser(document);
