// The parts of UI kit 7 under the names that page.jsx uses.
import * as parts from "@cometchat/chat-uikit-react";
import "@cometchat/chat-uikit-react/styles";

export const kit = {
  UIKit: parts.CometChatUIKit,
  Settings: parts.UIKitSettingsBuilder,
  Conversations: parts.CometChatConversations,
  Header: parts.CometChatMessageHeader,
  Messages: parts.CometChatMessageList,
  Composer: parts.CometChatMessageComposer,
  Frame: parts.CometChatProvider,
};
