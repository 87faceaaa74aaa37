import { defineWords } from "../i18n/define";

export const paletteWords = defineWords(
  {
    "palette.search": "Search {count} nodes…",
    "palette.fitting": "Search what fits {type}…",
    "palette.commands": "What would you like to do?",
    "palette.find": "Find a node, a setting, a text…",
    "palette.templates": "Search ready workflows…",
    "palette.nothing": "Nothing found",
    "palette.takes": "Takes",
    "palette.gives": "Gives",
  },
  {
    ko: {
      "palette.search": "노드 {count}개에서 검색…",
      "palette.fitting": "{type}에 맞는 것 검색…",
      "palette.commands": "무엇을 할까요?",
      "palette.find": "노드, 설정, 글 찾기…",
      "palette.templates": "준비된 워크플로 검색…",
      "palette.nothing": "찾은 것이 없습니다",
      "palette.takes": "입력",
      "palette.gives": "출력",
    },
    zh: {
      "palette.search": "在 {count} 个节点中搜索…",
      "palette.fitting": "搜索适合 {type} 的节点…",
      "palette.commands": "想做什么？",
      "palette.find": "查找节点、设置、文字…",
      "palette.templates": "搜索现成的工作流…",
      "palette.nothing": "没有找到",
      "palette.takes": "输入",
      "palette.gives": "输出",
    },
  },
);
