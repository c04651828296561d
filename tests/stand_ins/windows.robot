*** Settings ***
Documentation     A suite that knows nothing of sessions: its driver's path is all that was changed.
Library           SeleniumLibrary    timeout=20s
Suite Teardown    Close All Browsers

*** Variables ***
&{HEADLESS}       chrome=add_argument("--headless=new"); add_argument("--no-sandbox")    firefox=add_argument("-headless")

*** Test Cases ***
Windows Of One Browser
    Open Browser    ${SITE}/?who=first    ${BROWSER}    options=${HEADLESS}[${BROWSER}]    service=executable_path='${DRIVER}'
    Execute Javascript    window.open('about:blank', '_blank', 'noopener')
    Switch Window    NEW
    Go To    ${SITE}/?who=tab
    Execute Javascript    window.open('${SITE}/?who=popup', '_blank', 'noopener')
    Switch Window    NEW
    Wait For Condition    return location.search.includes('popup') && document.readyState === 'complete'
    Execute Javascript    localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'
    Go To    ${SITE}/?who=out
