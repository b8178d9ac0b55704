// The SDK alone, for a page to be driven by a test.
import {CometChat} from "@cometchat/chat-sdk-javascript";

window.CometChat = CometChat;
