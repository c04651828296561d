"""A user's script with Selenium for Python: nothing in it knows of handstamp but the address."""

import json
import sys

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

gateway, browser, page = sys.argv[1:4]
options = webdriver.ChromeOptions() if browser == "chrome" else webdriver.FirefoxOptions()
options.web_socket_url = True
driver = webdriver.Remote(command_executor=gateway, options=options)
try:
    driver.get(f"{page}/?who=first")
    # BiDi over the session's socket.
    tree = driver.browsing_context.get_tree()
    seen = [info.url for info in tree]
    driver.switch_to.new_window("tab")
    driver.get(f"{page}/?who=tab")
    for who, features in [("popup", "popup,width=300,height=200"), ("stranger", "noopener")]:
        before = set(driver.window_handles)
        driver.execute_script("window.open(arguments[0], '_blank', arguments[1])", f"{page}/?who={who}", features)
        WebDriverWait(driver, 20).until(lambda d: set(d.window_handles) - before)
        opener = driver.current_window_handle
        driver.switch_to.window((set(driver.window_handles) - before).pop())
        WebDriverWait(driver, 20).until(lambda d: who in d.current_url and d.execute_script("return document.readyState") == "complete")
        driver.switch_to.window(opener)
    driver.execute_script("localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'")
    driver.get(f"{page}/?who=after")
    driver.refresh()
finally:
    driver.quit()
print(json.dumps({"bidi": seen}))
