import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/es/components/base/style/css'
import 'element-plus/es/components/message/style/css'
import 'element-plus/es/components/message-box/style/css'
import './theme.css'
import App from './App.vue'
import { i18n, remembered } from './i18n'
import { router } from './router'

document.documentElement.lang = remembered()
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
