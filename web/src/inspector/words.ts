import { defineWords } from "../i18n/define";

export const inspectorWords = defineWords(
  {
    "inspector.title": "Properties",
    "inspector.several": "{count} nodes are selected.",
    "inspector.name": "Name",
    "inspector.taken": "There is already a node {name}.",
    "inspector.settings": "Settings",
    "inspector.parameters": "Parameters",
    "inspector.parameters.none": "Mark settings of nodes as parameters to have them here.",
    "inspector.asParameter": "{input} as a parameter of the workflow",
    "inspector.workflow.title": "Title",
    "inspector.workflow.about": "What the workflow does",
  },
  {
    ko: {
      "inspector.title": "속성",
      "inspector.several": "노드 {count}개가 선택되었습니다.",
      "inspector.name": "이름",
      "inspector.taken": "{name} 노드가 이미 있습니다.",
      "inspector.settings": "설정",
      "inspector.parameters": "매개변수",
      "inspector.parameters.none": "노드의 설정을 매개변수로 표시하면 여기에 나옵니다.",
      "inspector.asParameter": "{input}을(를) 워크플로 매개변수로",
      "inspector.workflow.title": "제목",
      "inspector.workflow.about": "이 워크플로가 하는 일",
    },
    zh: {
      "inspector.title": "属性",
      "inspector.several": "已选择 {count} 个节点。",
      "inspector.name": "名称",
      "inspector.taken": "已有节点 {name}。",
      "inspector.settings": "设置",
      "inspector.parameters": "参数",
      "inspector.parameters.none": "把节点的设置标为参数，就会出现在这里。",
      "inspector.asParameter": "将 {input} 作为工作流参数",
      "inspector.workflow.title": "标题",
      "inspector.workflow.about": "这个工作流做什么",
    },
  },
);
