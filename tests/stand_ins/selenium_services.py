"""A Selenium script that knows nothing of sessions: its driver's path is all that was changed."""
import sys
import time

from selenium import webdriver

name, driver_path, site = sys.argv[1:]
if name == "chrome":
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox"):
        options.add_argument(argument)
    service = webdriver.ChromeService(executable_path=driver_path)
    driver = webdriver.Chrome(options=options, service=service)
else:
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    service = webdriver.FirefoxService(executable_path=driver_path)
    driver = webdriver.Firefox(options=options, service=service)

driver.get(f"{site}/?who=first")
driver.switch_to.new_window("tab")
driver.get(f"{site}/?who=tab")
before = len(driver.window_handles)
driver.execute_script("window.open(arguments[0], '_blank', 'noopener')", f"{site}/?who=popup")
limit = time.monotonic() + 20
while len(driver.window_handles) == before and time.monotonic() < limit:
    pass
driver.switch_to.window(driver.window_handles[-1])
limit = time.monotonic() + 20
while driver.execute_script("return document.readyState") != "complete" and time.monotonic() < limit:
    pass
driver.execute_script("localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'")
driver.get(f"{site}/?who=out")
driver.quit()
print("done")
