"""Gives a browser an array of cookies, opens a page, and prints the cookies that the browser then has."""

import json
import os
import sys

from selenium import webdriver

cookies, url = sys.argv[1:]
options = webdriver.ChromeOptions()
options.binary_location = os.environ["CHROMIUM"]
for argument in ["--headless=new", "--no-sandbox"]:
    options.add_argument(argument)
driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(os.environ["CHROMEDRIVER"]))
try:
    driver.get(url)
    for cookie in json.load(open(cookies)):
        driver.add_cookie(cookie)
    driver.get(f"{url}?who=selenium")
    print(json.dumps(driver.get_cookies()))
finally:
    driver.quit()
