import { defineWords } from "../i18n/define";

export const doorWords = defineWords(
  {
    "door.title": "This server asks for its token",
    "door.where": "It is in the file that was named with --token-file when the server was started.",
    "door.token": "Token",
    "door.open": "Open",
  },
  {
    ko: {
      "door.title": "이 서버는 토큰이 필요합니다",
      "door.where": "서버를 시작할 때 --token-file 로 지정한 파일에 있습니다.",
      "door.token": "토큰",
      "door.open": "열기",
    },
    zh: {
      "door.title": "此服务器需要令牌",
      "door.where": "它在启动服务器时用 --token-file 指定的文件里。",
      "door.token": "令牌",
      "door.open": "打开",
    },
  },
);
