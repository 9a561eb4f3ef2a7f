export COMPANY_PROXY=http://proxy.example.com:3128
