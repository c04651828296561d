"""A user's script with Selenium for Python and WebKitGTK: nothing in it knows of handstamp but the address."""

import sys

from selenium import webdriver

gateway, page = sys.argv[1:3]
driver = webdriver.Remote(command_executor=gateway, options=webdriver.WebKitGTKOptions())
try:
    driver.get(f"{page}/?who=first")
    driver.execute_script("localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'")
    driver.get(f"{page}/?who=after")
    driver.refresh()
finally:
    driver.quit()
