// The parts of UI kit 6 under the names that page.jsx uses.
import React from "react";
import * as parts from "@cometchat/chat-uikit-react";
import "@cometchat/chat-uikit-react/css-variables.css";

export const kit = {
  UIKit: parts.CometChatUIKit,
  Settings: parts.UIKitSettingsBuilder,
  Conversations: parts.CometChatConversations,
  Header: parts.CometChatMessageHeader,
  Messages: parts.CometChatMessageList,
  Composer: parts.CometChatMessageComposer,
  Frame: ({children}) => <div className="cometchat">{children}</div>,
};
